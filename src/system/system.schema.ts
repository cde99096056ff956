import { z } from 'zod'
import { totalField } from '../lib/fields.ts'
import { LOG_LEVELS } from '../lib/log.ts'

const bytes = z.int().nonnegative()
const percent = z.number().nonnegative().nullable()

const check = z.object({
  status: z.enum(['ok', 'degraded', 'error', 'off']),
  message: z.string().nullable(),
})
export type Check = z.infer<typeof check>

const status = z.enum(['ok', 'degraded', 'error'])
export const healthView = z.object({
  status,
  version: z.string().optional(),
  uptime_seconds: z.int().optional(),
  checks: z
    .object({ database: check, media_worker: check, image_worker: check, ffmpeg: check, mediamtx: check, disk: check })
    .optional(),
})
export type HealthView = z.infer<typeof healthView>

export const liveView = z.object({ status })

const worker = z.object({
  kind: z.literal('media'),
  index: z.int(),
  state: z.string(),
  inputs: z.array(z.int()),
  restarts: z.int(),
  loop_lag_ms: z.number().nullable(),
})
const counts = z.record(z.string(), z.int())

export const statusView = z.object({
  version: z.string(),
  uptime_seconds: z.int(),
  versions: z.object({
    bun: z.string(),
    /** Null where there is none, and in the first moments after the start. */
    ffmpeg: z.object({ version: z.string(), protocols: z.array(z.string()) }).nullable(),
  }),
  host: z.object({
    cpu_count: z.int(),
    cpu_percent: percent,
    load: z.array(z.number()),
    memory_total_bytes: bytes,
    memory_available_bytes: bytes,
    disk_total_bytes: bytes,
    disk_free_bytes: bytes,
  }),
  process: z.object({ cpu_percent: percent, memory_bytes: bytes, memory_anonymous_bytes: bytes.nullable() }),
  event_loop_lag_ms: z.number(),
  event_streams: z.int(),
  inputs: counts,
  outputs: counts,
  workers: z.array(worker),
})
export type StatusView = z.infer<typeof statusView>

export const mediamtxView = z.object({ mode: z.literal('off'), version: z.null(), reachable: z.literal(false) })

export const settingsView = z.array(
  z.object({ name: z.string(), value: z.string().nullable(), source: z.enum(['env', 'default', 'file']) }),
)

export const logsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z
    .string()
    .regex(/^\d{1,15}$/, 'Not a cursor that Weir gave.')
    .optional(),
  /** Empty as a form says it: all of them. */
  level: z.union([z.enum(LOG_LEVELS), z.literal('').transform(() => undefined)]).optional(),
  total: totalField,
})
export type LogsQuery = z.infer<typeof logsQuery>
export const logsView = z.object({
  items: z.array(
    z.object({
      at: z.iso.datetime(),
      level: z.enum(LOG_LEVELS),
      text: z.string(),
      fields: z.record(z.string(), z.unknown()),
    }),
  ),
  next_cursor: z.string().nullable(),
  total: z.int().optional(),
})
export type LogsView = z.infer<typeof logsView>

export const faultsBody = z.strictObject({
  kill: z
    .string()
    .regex(/^(doors|image|(media|output):\d{1,9})$/, 'must be media:N, doors, image or output:N')
    .optional(),
  block_loop_ms: z.int().min(0).max(10_000).optional(),
})
