import { z } from 'zod'
import { LOG_LEVELS } from '../lib/log.ts'
import { REFUSAL_CODES } from './refusals.ts'

/**
 * Everything that main and the image worker say to each other, and the worker and its child: plain flat data, pictures by
 * the path of their file alone.
 */

/**
 * The files that a picture is shown by. `thumb` is 200 x 200 pixels, cut to fill; `small` and `large` fit in 400 and 1280
 * pixels, never enlarged; `full` has the size of the upload; `teaser` is 64 pixels, blurred. JPEG stands on white and does
 * not move; WebP keeps transparency and movement; AVIF keeps transparency and does not move.
 */
export const VARIANTS = [
  'thumb.jpg',
  'thumb.webp',
  'thumb.avif',
  'small.jpg',
  'small.webp',
  'small.avif',
  'large.jpg',
  'large.webp',
  'large.avif',
  'full.jpg',
  'full.webp',
  'full.avif',
  'teaser.jpg',
] as const
export type Variant = (typeof VARIANTS)[number]

/** What `ingest` makes before it answers. */
export const FIRST_VARIANTS = ['thumb.jpg', 'small.jpg', 'small.webp', 'large.jpg'] as const satisfies Variant[]

/**
 * What `background` makes, each row from one decode; between rows an upload goes first. Of what does not suit a picture
 * nothing is made: no AVIF of one that moves, and one `full`, JPEG where that loses nothing but detail, else WebP.
 */
export const LATER_VARIANTS = [
  ['thumb.webp', 'large.webp'],
  ['thumb.avif', 'small.avif'],
  ['large.avif'],
  ['full.jpg', 'full.webp'],
] as const satisfies Variant[][]

export const PICTURE_TYPES = ['jpeg', 'png', 'gif', 'webp', 'bmp'] as const
export type PictureType = (typeof PICTURE_TYPES)[number]

/** What is taken, all checked before a pixel is decoded. */
export const LIMITS = {
  framePixels: 50_000_000,
  allPixels: 100_000_000,
  sidePixels: 16_384,
  frames: 300,
  sourceBytes: 256 * 1024 * 1024,
} as const

export const madeFile = z.object({ name: z.enum(VARIANTS), sizeBytes: z.int().positive() })
export type MadeFile = z.infer<typeof madeFile>

export const ingested = z.object({
  mime: z.enum(PICTURE_TYPES.map((type) => `image/${type}` as const)),
  /** Upright. */
  width: z.int().positive(),
  height: z.int().positive(),
  frames: z.int().positive(),
  hasAlpha: z.boolean(),
  /**
   * When the camera took it, wall-clock milliseconds. A camera that names no time zone is taken at its word as UTC. Null
   * where it does not say.
   */
  takenAt: z.int().nullable(),
  /** A thumbhash, base64. */
  placeholder: z.string(),
  /** `FIRST_VARIANTS`, each whole on the disk. */
  files: z.array(madeFile),
})
export type Ingested = z.infer<typeof ingested>

const place = {
  /** The upload, absolute; its name says nothing. */
  sourcePath: z.string(),
  /** Where the files go, absolute; it must be there. */
  outDir: z.string(),
}
export const job = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ingest'), ...place }),
  /** `fitting`: leave out what does not suit the picture, see `LATER_VARIANTS`. */
  z.object({ kind: z.literal('make'), ...place, names: z.array(z.enum(VARIANTS)), fitting: z.boolean() }),
])
export type Job = z.infer<typeof job>

export const result = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ingest'), ingested }),
  z.object({ kind: z.literal('make'), files: z.array(madeFile) }),
])
export type Result = z.infer<typeof result>

const wireRefusal = z.object({ code: z.enum(REFUSAL_CODES), message: z.string() })
export type WireRefusal = z.infer<typeof wireRefusal>

const id = z.int().positive()
const done = z.object({ t: z.literal('done'), id, result })
const failed = z.object({ t: z.literal('failed'), id, refusal: wireRefusal })

export const workerConfig = z.object({
  /** Marks the child (`WEIR_CHILD`). */
  instance: z.string(),
  /** Where the one binary unpacks libvips. */
  cacheDir: z.string(),
  /** A job that takes longer has hung. */
  deadlineMs: z.int(),
  /** One of a person that has waited longer is told to come back. */
  waitLimitMs: z.int(),
  /** Past it (`RssAnon`) the child is ended in the middle of its job, for it swells. */
  maxMemoryBytes: z.int(),
  /** Past it, or after so many jobs, the child makes room for a fresh one between two jobs. */
  recycle: z.object({ memoryBytes: z.int(), jobs: z.int() }),
  /** A child without a job leaves after so long. */
  idleMs: z.int(),
})
export type WorkerConfig = z.infer<typeof workerConfig>

export const PRIORITIES = ['interactive', 'background'] as const
export type Priority = (typeof PRIORITIES)[number]

export const toWorker = z.discriminatedUnion('t', [
  z.object({ t: z.literal('config'), config: workerConfig }),
  z.object({ t: z.literal('job'), id, priority: z.enum(PRIORITIES), job }),
  z.object({ t: z.literal('shutdown') }),
])
export type ToWorker = z.infer<typeof toWorker>

export const fromWorker = z.discriminatedUnion('t', [
  done,
  failed,
  /** The child is at work on this job; `attempt` 2 = once more after a death. */
  z.object({ t: z.literal('started'), id, attempt: z.int(), pid: z.int() }),
  /** The pid ledger by which main reaps what a dead worker leaves. */
  z.object({ t: z.literal('child.spawned'), pid: z.int() }),
  z.object({ t: z.literal('child.reaped'), pid: z.int() }),
  z.object({ t: z.literal('log'), level: z.enum(LOG_LEVELS), message: z.string() }),
  /** Once a second: the loop turns. */
  z.object({ t: z.literal('beat') }),
  z.object({ t: z.literal('bye') }),
])
export type FromWorker = z.infer<typeof fromWorker>

/** One line of JSON each way; the child does one job at a time. */
export const toChild = z.object({ id, job })
export type ToChild = z.infer<typeof toChild>
/** `ready`: libvips is loaded; a child that dies before is no picture's fault. */
export const fromChild = z.discriminatedUnion('t', [z.object({ t: z.literal('ready') }), done, failed])
export type FromChild = z.infer<typeof fromChild>
