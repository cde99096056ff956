CREATE TABLE `images` (
	`id` text PRIMARY KEY NOT NULL,
	`stream_id` integer,
	`owner_id` integer,
	`filename` text NOT NULL,
	`title` text NOT NULL,
	`alt` text NOT NULL,
	`description` text NOT NULL,
	`tags` text NOT NULL,
	`visibility` text NOT NULL,
	`mime_type` text NOT NULL,
	`size_bytes` integer NOT NULL,
	`sha256` text NOT NULL,
	`width` integer NOT NULL,
	`height` integer NOT NULL,
	`frames` integer NOT NULL,
	`placeholder` text NOT NULL,
	`source` text NOT NULL,
	`taken_at` integer,
	`view_count` integer NOT NULL,
	`last_accessed_at` integer,
	`link_epoch` integer NOT NULL,
	`variants` text NOT NULL,
	`teaser_id` text,
	`failed_reason` text,
	`quarantined_at` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer,
	FOREIGN KEY (`stream_id`) REFERENCES `streams`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`owner_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE set null
);
--> statement-breakpoint
CREATE UNIQUE INDEX `images_teaser_id_unique` ON `images` (`teaser_id`);--> statement-breakpoint
CREATE INDEX `images_of_stream` ON `images` (`stream_id`,`id`);--> statement-breakpoint
CREATE INDEX `images_of_owner` ON `images` (`owner_id`,`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `images_once_a_stream` ON `images` (`stream_id`,`sha256`) WHERE deleted_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX `images_once_a_library` ON `images` (`owner_id`,`sha256`) WHERE stream_id is null and deleted_at is null;--> statement-breakpoint
CREATE TABLE `stream_members` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`stream_id` integer NOT NULL,
	`role` text NOT NULL,
	`user_id` integer,
	`name` text NOT NULL,
	`token_hash` text,
	`until` integer,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`stream_id`) REFERENCES `streams`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `stream_members_token_hash_unique` ON `stream_members` (`token_hash`);--> statement-breakpoint
CREATE UNIQUE INDEX `stream_members_of_account` ON `stream_members` (`stream_id`,`user_id`);--> statement-breakpoint
CREATE TABLE `streams` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`key` text NOT NULL,
	`title` text NOT NULL,
	`description` text NOT NULL,
	`owner_id` integer,
	`input_id` integer,
	`visibility` text NOT NULL,
	`default_visibility` text NOT NULL,
	`teasers` integer NOT NULL,
	`allow_download` integer NOT NULL,
	`cover_image_id` text,
	`snapshot_interval_seconds` integer,
	`snapshot_keep` integer NOT NULL,
	`started_at` integer,
	`ended_at` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer,
	FOREIGN KEY (`owner_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE set null,
	FOREIGN KEY (`input_id`) REFERENCES `inputs`(`id`) ON UPDATE no action ON DELETE set null
);
--> statement-breakpoint
CREATE UNIQUE INDEX `streams_key_unique` ON `streams` (`key`);--> statement-breakpoint
CREATE INDEX `streams_of_owner` ON `streams` (`owner_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `streams_of_input` ON `streams` (`input_id`) WHERE ended_at is null and deleted_at is null;