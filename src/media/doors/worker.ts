import { type Clock, systemClock } from '../../lib/clock.ts'
import { inspectFfmpeg } from '../ffmpeg/binary.ts'
import { toTakes } from '../rtmp/codecs.ts'
import { createRtmpDoor, toRtmpSocketPath } from '../rtmp/door.ts'
import { type DoorsConfig, type FromDoors, toDoors } from './protocol.ts'

/**
 * Entry of the thread of the doors: where publishers and callers arrive, before they are anybody's. The handlers stand
 * before anything else: a stray rejection would end the thread.
 */
declare const self: Worker

const post = (message: FromDoors) => self.postMessage(message)
const clock: Clock = systemClock
const BEAT_MS = 1_000
let close: (() => Promise<void>) | null = null

const fault = (error: unknown) =>
  post({ t: 'log', level: 'error', message: error instanceof Error ? (error.stack ?? error.message) : String(error) })
process.on('uncaughtException', fault)
process.on('unhandledRejection', fault)

function start(config: DoorsConfig): void {
  const stopBeat = clock.every(BEAT_MS, () => post({ t: 'beat' }))
  // Until FFmpeg has said what it is, the oldest that is known to work is assumed.
  let takes = { hevc: false }
  inspectFfmpeg({ clock, ffmpegPath: config.ffmpegPath, instance: config.instance }).then(
    ({ version }) => {
      takes = toTakes(version)
    },
    (error) => post({ t: 'log', level: 'warn', message: `FFmpeg does not say what it is: ${error.message}` }),
  )
  const rtmp = createRtmpDoor({
    socketPath: toRtmpSocketPath(config.runDir),
    places: config.rtmp,
    clock,
    takes: () => takes,
    warn: (message) => post({ t: 'log', level: 'warn', message }),
  })
  close = async () => {
    stopBeat()
    rtmp.close()
  }
}

self.onmessage = async (event: MessageEvent<unknown>) => {
  const message = toDoors.parse(event.data)
  if (message.t === 'config') return start(message.config)
  await close?.()
  post({ t: 'bye' })
}
