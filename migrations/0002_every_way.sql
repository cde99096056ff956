ALTER TABLE `inputs` ADD `multicast_group` text;--> statement-breakpoint
ALTER TABLE `inputs` ADD `interface` text;--> statement-breakpoint
ALTER TABLE `inputs` ADD `url` text;--> statement-breakpoint
ALTER TABLE `inputs` ADD `rtsp_transport` text;--> statement-breakpoint
ALTER TABLE `inputs` ADD `srt_port` integer;--> statement-breakpoint
ALTER TABLE `inputs` ADD `latency_ms` integer;--> statement-breakpoint
ALTER TABLE `inputs` ADD `on_second_publisher` text;--> statement-breakpoint
ALTER TABLE `inputs` ADD `publish_key_sealed` text;--> statement-breakpoint
ALTER TABLE `inputs` ADD `username_sealed` text;--> statement-breakpoint
ALTER TABLE `inputs` ADD `password_sealed` text;--> statement-breakpoint
ALTER TABLE `inputs` ADD `passphrase_sealed` text;--> statement-breakpoint
ALTER TABLE `inputs` ADD `stream_id_sealed` text;--> statement-breakpoint
ALTER TABLE `inputs` ADD `return_mode` text DEFAULT 'auto' NOT NULL;--> statement-breakpoint
ALTER TABLE `inputs` ADD `return_after_ms` integer DEFAULT 1000 NOT NULL;--> statement-breakpoint
ALTER TABLE `inputs` ADD `max_fill_minutes` integer DEFAULT 5 NOT NULL;--> statement-breakpoint
ALTER TABLE `inputs` ADD `backup_input_id` integer REFERENCES inputs(id) ON DELETE SET NULL;--> statement-breakpoint
ALTER TABLE `inputs` ADD `slate_image_id` text;--> statement-breakpoint
ALTER TABLE `outputs` ADD `engine` text DEFAULT 'ffmpeg' NOT NULL;