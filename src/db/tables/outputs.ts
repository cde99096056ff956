import { index, integer, real, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { inputs } from './inputs.ts'

/** What an operator set of `options`; what was left out takes its default when it is read. */
export type StoredOptions = {
  latency_ms?: number
  pkt_size?: number
  ttl?: number
  interface?: string
  tls_verify?: boolean
  rtsp_transport?: 'tcp' | 'udp'
  transparent?: boolean
  video?: 'copy' | '720p' | '480p' | 'none'
  audio?: 'auto' | 'copy' | 'aac' | 'none'
}

/** Destinations as the operator wants them, their address in parts. `*_sealed` columns are encrypted (lib/secret-box). */
export const outputs = sqliteTable(
  'outputs',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    inputId: integer('input_id')
      .notNull()
      .references(() => inputs.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    nameKey: text('name_key').notNull(),
    protocol: text('protocol', { enum: ['udp', 'srt_caller', 'srt_listener', 'rtmp', 'rtsp'] }).notNull(),
    /** RTMPS. */
    tls: integer('tls', { mode: 'boolean' }).notNull(),
    /** Lower case, IPv6 without brackets; '' for a listener. */
    host: text('host').notNull(),
    port: integer('port').notNull(),
    /** RTMP: the path before the stream key; RTSP: the path; without slashes at its ends. Else ''. */
    app: text('app').notNull(),
    engine: text('engine', { enum: ['ffmpeg', 'direct'] })
      .notNull()
      .default('ffmpeg'),
    options: text('options', { mode: 'json' }).$type<StoredOptions>().notNull(),
    streamKeySealed: text('stream_key_sealed'),
    usernameSealed: text('username_sealed'),
    passwordSealed: text('password_sealed'),
    passphraseSealed: text('passphrase_sealed'),
    /** An SRT stream id is often a credential too. */
    streamIdSealed: text('stream_id_sealed'),
    enabled: integer('enabled', { mode: 'boolean' }).notNull(),
    generation: integer('generation').notNull(),
    autoReconnect: integer('auto_reconnect', { mode: 'boolean' }).notNull(),
    reconnectDelaySeconds: real('reconnect_delay_seconds').notNull(),
    maxReconnectDelaySeconds: real('max_reconnect_delay_seconds').notNull(),
    /** 0 = no end. */
    maxReconnectAttempts: integer('max_reconnect_attempts').notNull(),
    stallTimeoutSeconds: real('stall_timeout_seconds').notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  (t) => [
    uniqueIndex('outputs_name').on(t.inputId, t.nameKey),
    index('outputs_address').on(t.protocol, t.host, t.port),
  ],
)

export type OutputRow = typeof outputs.$inferSelect
