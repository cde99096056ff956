import { type AnySQLiteColumn, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'

export const INPUT_KINDS = ['udp', 'srt_listener', 'srt_caller', 'rtmp', 'rtsp', 'hls', 'test'] as const
export const ON_LOSS = ['freeze', 'slate', 'backup', 'hold'] as const

/** Live feeds as the operator wants them. What they are right now is never stored: `live/` knows it. */
export const inputs = sqliteTable('inputs', {
  /** AUTOINCREMENT: an id is never used twice, so that an event of a deleted input cannot hit a new one. */
  id: integer('id').primaryKey({ autoIncrement: true }),
  name: text('name').notNull(),
  /** The name folded by JavaScript: SQLite's NOCASE knows ASCII only. */
  nameKey: text('name_key').notNull().unique(),
  kind: text('kind', { enum: INPUT_KINDS }).notNull(),
  path: text('path').notNull().unique(),
  enabled: integer('enabled', { mode: 'boolean' }).notNull(),
  /** Raised by restart, and by start on an input in `error`. */
  generation: integer('generation').notNull(),
  udpPort: integer('udp_port'),
  bindAddress: text('bind_address'),
  allowFrom: text('allow_from', { mode: 'json' }).$type<string[]>().notNull(),
  /** MPTS: the program number to take; null = the first. */
  program: integer('program'),
  multicastGroup: text('multicast_group'),
  /** Address of the local interface on which the group is joined. */
  interface: text('interface'),
  /** Pull kinds: the address without secrets. */
  url: text('url'),
  rtspTransport: text('rtsp_transport', { enum: ['tcp', 'udp'] }),
  srtPort: integer('srt_port'),
  latencyMs: integer('latency_ms'),
  onSecondPublisher: text('on_second_publisher', { enum: ['refuse', 'replace'] }),
  /** `*_sealed` columns are encrypted (lib/secret-box). */
  publishKeySealed: text('publish_key_sealed'),
  usernameSealed: text('username_sealed'),
  passwordSealed: text('password_sealed'),
  passphraseSealed: text('passphrase_sealed'),
  streamIdSealed: text('stream_id_sealed'),
  onLoss: text('on_loss', { enum: ON_LOSS }).notNull(),
  lossMs: integer('loss_ms').notNull(),
  returnMode: text('return_mode', { enum: ['auto', 'manual'] })
    .notNull()
    .default('auto'),
  returnAfterMs: integer('return_after_ms').notNull().default(1000),
  /** 0 = no end. */
  maxFillMinutes: integer('max_fill_minutes').notNull().default(5),
  backupInputId: integer('backup_input_id').references((): AnySQLiteColumn => inputs.id, { onDelete: 'set null' }),
  slateImageId: text('slate_image_id'),
  /** Milliseconds since 1970, as all times in the database. */
  createdAt: integer('created_at').notNull(),
  updatedAt: integer('updated_at').notNull(),
})

export type InputRow = typeof inputs.$inferSelect
