import { z } from 'zod'
import { LOG_LEVELS } from '../../lib/log.ts'

/** What main and the thread of the doors say to each other. */

export const doorsConfig = z.object({
  instance: z.string(),
  /** A directory of ours alone (0700) in which the doors' Unix sockets stand. */
  runDir: z.string(),
  /** Where RTMP publishers are heard; null = nowhere. */
  rtmp: z
    .object({
      host: z.string(),
      port: z.int(),
      tls: z.object({ port: z.int(), certFile: z.string(), keyFile: z.string() }).nullable(),
    })
    .nullable(),
})
export type DoorsConfig = z.infer<typeof doorsConfig>

export const toDoors = z.discriminatedUnion('t', [
  z.object({ t: z.literal('config'), config: doorsConfig }),
  /** Whether the SRT door's process is needed; after `config`, and whenever that changes. */
  z.object({ t: z.literal('srt'), wanted: z.boolean() }),
  /** What FFmpeg calls itself, once that is known. */
  z.object({ t: z.literal('ffmpeg'), version: z.string() }),
  z.object({ t: z.literal('shutdown') }),
])
export type ToDoors = z.infer<typeof toDoors>

export const fromDoors = z.discriminatedUnion('t', [
  /** Once a second: the loop goes round. */
  z.object({ t: z.literal('beat') }),
  z.object({ t: z.literal('log'), level: z.enum(LOG_LEVELS), message: z.string() }),
  /** The pid ledger by which main reaps what a dead thread leaves. */
  z.object({ t: z.literal('child.spawned'), pid: z.int() }),
  z.object({ t: z.literal('child.reaped'), pid: z.int() }),
  /** All is closed: the thread can be ended. */
  z.object({ t: z.literal('bye') }),
])
export type FromDoors = z.infer<typeof fromDoors>
