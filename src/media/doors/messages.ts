import { z } from 'zod'
import { caller, callerFigures, logLine, srtLink } from '../actual.ts'

/** What a media worker and a door say to each other. Times are wall-clock milliseconds. */

const id = z.int().positive()
const wallMs = z.number()
const onSecondPublisher = z.enum(['refuse', 'replace'])

const registerRtmp = z.object({
  t: z.literal('register_rtmp'),
  inputId: id,
  app: z.string(),
  streamKey: z.string(),
  onSecondPublisher,
})
const registerSrtIn = z.object({
  t: z.literal('register_srt_in'),
  inputId: id,
  port: z.int(),
  bindAddress: z.string(),
  /** CIDR list; empty = anyone. */
  allowFrom: z.array(z.string()),
  latencyMs: z.int(),
  passphrase: z.string().nullable(),
  streamId: z.string(),
  onSecondPublisher,
})
const registerSrtOut = z.object({
  t: z.literal('register_srt_out'),
  outputId: id,
  port: z.int(),
  latencyMs: z.int(),
  pktSize: z.int(),
  passphrase: z.string().nullable(),
  /** What a caller must say; null = anything. */
  streamId: z.string().nullable(),
})

/** The first message registers; the registration lives exactly as long as its connection. */
export const registration = z.discriminatedUnion('t', [registerRtmp, registerSrtIn, registerSrtOut])
export type Registration = z.infer<typeof registration>
export type RegisterRtmp = z.infer<typeof registerRtmp>

export const toDoor = z.discriminatedUnion('t', [
  registerRtmp,
  registerSrtIn,
  registerSrtOut,
  /** Puts the publisher out; answered with `gone`. */
  z.object({ t: z.literal('end'), words: z.string() }),
  /** Ends the link of one caller of a listener; its address is turned away for a minute. */
  z.object({ t: z.literal('kick'), callerId: id }),
])
export type ToDoor = z.infer<typeof toDoor>

export const fromDoor = z.discriminatedUnion('t', [
  /** Publishers and callers can come. `mediaPath`: the Unix socket that a listener's FFmpeg writes to. */
  z.object({
    t: z.literal('listening'),
    receiveBufferBytes: z.int().nullable(),
    mediaPath: z.string().nullable(),
  }),
  /** Tried again by itself at `retryAt`. `code` as in an input's warnings. */
  z.object({ t: z.literal('blocked'), code: z.string(), words: z.string(), retryAt: wallMs }),
  /** This machine cannot do it at all, such as SRT without libsrt. */
  z.object({ t: z.literal('unavailable'), words: z.string() }),
  /** One has come and been let in; its media follow. */
  z.object({ t: z.literal('publisher'), address: z.string(), streamId: z.string().nullable() }),
  /** `orderly`: it said goodbye; otherwise the link was lost or the door ended it. `replacedBy`: who has its place now. */
  z.object({
    t: z.literal('gone'),
    orderly: z.boolean(),
    words: z.string(),
    replacedBy: z.string().nullable(),
  }),
  /** For the log: at most one a second, with the number of those that were left out. */
  z.object({ t: z.literal('refused'), address: z.string(), words: z.string(), leftOut: z.int() }),
  /** For the log. */
  z.object({ t: z.literal('note'), level: logLine.shape.level, words: z.string() }),
  z.object({ t: z.literal('link'), link: srtLink }),
  z.object({ t: z.literal('callers'), callers: z.array(caller) }),
  z.object({ t: z.literal('figures'), callers: z.array(callerFigures) }),
])
export type FromDoor = z.infer<typeof fromDoor>
