CREATE TABLE `events` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`input_id` integer NOT NULL,
	`output_id` integer,
	`at` integer NOT NULL,
	`type` text NOT NULL,
	`actor` text NOT NULL,
	`message` text NOT NULL,
	`data` text,
	FOREIGN KEY (`input_id`) REFERENCES `inputs`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `events_of_input` ON `events` (`input_id`,`id`);--> statement-breakpoint
CREATE TABLE `inputs` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`name` text NOT NULL,
	`name_key` text NOT NULL,
	`kind` text NOT NULL,
	`path` text NOT NULL,
	`enabled` integer NOT NULL,
	`generation` integer NOT NULL,
	`udp_port` integer,
	`bind_address` text,
	`allow_from` text NOT NULL,
	`program` integer,
	`on_loss` text NOT NULL,
	`loss_ms` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `inputs_name_key_unique` ON `inputs` (`name_key`);--> statement-breakpoint
CREATE UNIQUE INDEX `inputs_path_unique` ON `inputs` (`path`);--> statement-breakpoint
CREATE TABLE `listeners` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`transport` text NOT NULL,
	`port` integer NOT NULL,
	`address` text NOT NULL,
	`group` text NOT NULL,
	`input_id` integer,
	`output_id` integer,
	FOREIGN KEY (`input_id`) REFERENCES `inputs`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`output_id`) REFERENCES `outputs`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `listeners_place` ON `listeners` (`transport`,`port`,`address`,`group`);--> statement-breakpoint
CREATE TABLE `outputs` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`input_id` integer NOT NULL,
	`name` text NOT NULL,
	`name_key` text NOT NULL,
	`protocol` text NOT NULL,
	`tls` integer NOT NULL,
	`host` text NOT NULL,
	`port` integer NOT NULL,
	`app` text NOT NULL,
	`options` text NOT NULL,
	`stream_key_sealed` text,
	`username_sealed` text,
	`password_sealed` text,
	`passphrase_sealed` text,
	`stream_id_sealed` text,
	`enabled` integer NOT NULL,
	`generation` integer NOT NULL,
	`auto_reconnect` integer NOT NULL,
	`reconnect_delay_seconds` real NOT NULL,
	`max_reconnect_delay_seconds` real NOT NULL,
	`max_reconnect_attempts` integer NOT NULL,
	`stall_timeout_seconds` real NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`input_id`) REFERENCES `inputs`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `outputs_name` ON `outputs` (`input_id`,`name_key`);--> statement-breakpoint
CREATE INDEX `outputs_address` ON `outputs` (`protocol`,`host`,`port`);