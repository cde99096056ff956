import { type Clock, systemClock } from '../../lib/clock.ts'
import { toTakes } from '../rtmp/codecs.ts'
import { createRtmpDoor, toRtmpSocketPath } from '../rtmp/door.ts'
import { type DoorsConfig, type FromDoors, toDoors } from './protocol.ts'
import { type SrtChild, startSrtChild } from './srt-child.ts'

/**
 * Entry of the thread of the doors: where publishers and callers arrive, before they are anybody's. The handlers stand
 * before anything else: a stray rejection would end the thread.
 */
declare const self: Worker

const post = (message: FromDoors) => self.postMessage(message)
const clock: Clock = systemClock
const BEAT_MS = 1_000
let doors: { wantSrt(wanted: boolean): void; ffmpegIs(version: string): void; close(): Promise<void> } | null = null

const fault = (error: unknown) =>
  post({ t: 'log', level: 'error', message: error instanceof Error ? (error.stack ?? error.message) : String(error) })
process.on('uncaughtException', fault)
process.on('unhandledRejection', fault)

function start(config: DoorsConfig): NonNullable<typeof doors> {
  // Until it is told what FFmpeg is, the oldest that is known to work is assumed.
  let takes = { hevc: false }
  const rtmp = createRtmpDoor({
    socketPath: toRtmpSocketPath(config.runDir),
    places: config.rtmp,
    clock,
    takes: () => takes,
    warn: (message) => post({ t: 'log', level: 'warn', message }),
  })
  // Last: a thread whose doors did not open is not heard of, and so ended and started anew.
  const stopBeat = clock.every(BEAT_MS, () => post({ t: 'beat' }))
  let srt: SrtChild | null = null
  let srtWanted = false
  /** Of one that is leaving, the next waits: two would fight for the same socket. */
  let left = Promise.resolve()

  async function wantSrt(wanted: boolean): Promise<void> {
    srtWanted = wanted
    if (!wanted) {
      left = srt?.close() ?? left
      srt = null
      return
    }
    await left
    if (!srtWanted) return
    srt ??= startSrtChild({
      clock,
      instance: config.instance,
      runDir: config.runDir,
      spawned: (pid) => post({ t: 'child.spawned', pid }),
      reaped: (pid) => post({ t: 'child.reaped', pid }),
      log: (level, message) => post({ t: 'log', level: level === 'warning' ? 'warn' : level, message }),
    })
  }

  return {
    wantSrt,
    ffmpegIs(version) {
      takes = toTakes(version)
    },
    async close() {
      stopBeat()
      rtmp.close()
      await wantSrt(false)
      await left
    },
  }
}

self.onmessage = async (event: MessageEvent<unknown>) => {
  const message = toDoors.parse(event.data)
  switch (message.t) {
    case 'config':
      doors = start(message.config)
      return
    case 'srt':
      return doors?.wantSrt(message.wanted)
    case 'ffmpeg':
      return doors?.ffmpegIs(message.version)
    case 'shutdown':
      await doors?.close()
      post({ t: 'bye' })
  }
}
