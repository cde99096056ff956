import type { LogLine } from '../../actual.ts'
import { type SlateFace, type SlateShape, slateArguments } from '../../ffmpeg/fill.ts'
import type { InputSpec } from '../../specs.ts'
import type { Slate } from './stand-in.ts'
import { type AudioFormat, type Format, TICKS_PER_SECOND, type VideoUnit } from '../units.ts'
import { type EncodeDeps, encodeUnits } from './encode.ts'

export type SlateMaker = {
  /** Makes the slate for this feed (null = none seen yet), anew only if something it is made of has changed. */
  want(slate: InputSpec['slate'], feed: Format | null): void
  /** Null where none is wanted. */
  readonly isReady: boolean | null
  /** Resolves when its FFmpeg is gone. */
  close(): Promise<void>
}

/** What outputs are started with before a feed has been seen: what most feeds turn out to be. */
const FIRST_SHAPE: SlateShape = { codec: 'h264', width: 1280, height: 720, fps: 25 }
const FIRST_AUDIO: AudioFormat = { codec: 'aac', sampleRate: 48_000, channels: 2, objectType: 2 }
const MAX_FPS = 60

/** Keeps one input's slate: encoded once for the feed's codec, size and frame rate, held in memory. */
export function createSlateMaker(
  deps: EncodeDeps & {
    ready(slate: Slate | null): void
    note(level: LogLine['level'], text: string): void
  },
): SlateMaker {
  let wantedKey = ''
  let ready: boolean | null = null
  let leaving = new AbortController()
  let making = Promise.resolve()

  async function encode(face: SlateFace, text: string, shape: SlateShape, signal: AbortSignal) {
    const { units, format } = await encodeUnits(deps, { args: slateArguments(face, shape), text, signal })
    const pictures = units.filter((unit): unit is VideoUnit => unit.kind === 'video')
    const end = pictures.findIndex((picture, i) => i > 0 && picture.key)
    if (!pictures[0]?.key) throw new Error('no keyframe came')
    return { pictures: end < 0 ? pictures : pictures.slice(0, end), format }
  }

  async function make(slate: NonNullable<InputSpec['slate']>, shape: SlateShape, audio: AudioFormat | null) {
    const { signal } = leaving
    const faces: SlateFace[] = [...(slate.file ? [{ file: slate.file }] : []), 'card', 'plain']
    for (const face of faces) {
      try {
        const { pictures, format } = await encode(face, slate.text, shape, signal)
        if (signal.aborted) return
        ready = true
        deps.note('info', `the slate is ready: ${shape.width}x${shape.height}, ${pictures.length} pictures`)
        return deps.ready({
          // Copies: the encoder's units are pieces of much larger memory.
          pictures: pictures.map(({ kind, codec, key, data }) => ({ kind, codec, key, data: data.slice() })),
          ticks: TICKS_PER_SECOND / shape.fps,
          format: { video: format.video, audio },
        })
      } catch (error) {
        if (signal.aborted) return
        const what = typeof face === 'object' ? 'its picture' : face === 'card' ? 'its text' : 'a plain one'
        deps.note('warning', `the slate could not be made with ${what}: ${(error as Error).message}`)
      }
    }
  }

  return {
    want(slate, feed) {
      const shape = shapeOf(feed)
      const audio = feed ? feed.audio : FIRST_AUDIO
      const key = slate && shape ? JSON.stringify([slate.file, slate.text, shape, audio]) : ''
      if (key === wantedKey) return
      wantedKey = key
      leaving.abort()
      leaving = new AbortController()
      if (!slate || !shape) {
        ready = slate ? false : null
        return deps.ready(null)
      }
      ready = false
      making = Promise.all([making, make(slate, shape, audio)]).then(() => undefined)
    },
    get isReady() {
      return ready
    },
    close() {
      leaving.abort()
      return making
    },
  }
}

/** Null for a feed of sound alone. */
function shapeOf(feed: Format | null): SlateShape | null {
  if (!feed) return FIRST_SHAPE
  if (!feed.video) return null
  const { codec, width, height, fps } = feed.video
  const even = (size: number) => Math.max(2, size - (size % 2))
  return {
    codec,
    width: even(width ?? FIRST_SHAPE.width),
    height: even(height ?? FIRST_SHAPE.height),
    fps: Math.min(MAX_FPS, Math.round((fps ?? FIRST_SHAPE.fps) * 100) / 100),
  }
}
