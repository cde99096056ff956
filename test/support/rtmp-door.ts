import { systemClock } from '../../src/lib/clock.ts'
import type { Clock } from '../../src/lib/clock.ts'
import type { FromDoor, RegisterRtmp } from '../../src/media/doors/messages.ts'
import { keepRegistered, type Registered } from '../../src/media/doors/registration.ts'
import { createRtmpDoor, type RtmpPlaces, toRtmpSocketPath } from '../../src/media/rtmp/door.ts'
import { freeTcpPort } from './ports.ts'
import { tempDir } from './temp.ts'
import { eventually } from './waiting.ts'

export type TestInput = {
  door: Registered
  heard: FromDoor[]
  /** Bytes of media so far. */
  mediaBytes(): number
  /** Holds back what comes until the answer is called. */
  hold(): () => void
  hears(t: FromDoor['t'], count?: number): Promise<void>
}

/** The real door with real sockets in this thread; inputs register as a media worker does. */
export async function openTestDoor(o: { clock?: Clock; places?: RtmpPlaces | null } = {}) {
  const clock = o.clock ?? systemClock
  const runDir = tempDir('doors')
  const places = o.places === undefined ? { host: '127.0.0.1', port: await freeTcpPort(), tls: null } : o.places
  const warnings: string[] = []
  const socketPath = toRtmpSocketPath(runDir)
  const warn = (words: string) => void warnings.push(words)
  const door = createRtmpDoor({ socketPath, places, clock, takes: () => ({ hevc: false }), warn })
  const inputs: TestInput[] = []

  function register(more: Partial<RegisterRtmp> = {}): TestInput {
    const heard: FromDoor[] = []
    let mediaBytes = 0
    let held: PromiseWithResolvers<void> | null = null
    const input: TestInput = {
      door: keepRegistered({
        path: socketPath,
        clock: systemClock,
        register: { ...REGISTER, inputId: inputs.length + 1, ...more },
        onControl: (control) => void heard.push(control),
        onMedia(bytes) {
          mediaBytes += bytes.length
          return held?.promise ?? null
        },
        onLost: () => undefined,
        onMissing: () => undefined,
      }),
      heard,
      mediaBytes: () => mediaBytes,
      hold() {
        held = Promise.withResolvers()
        return () => {
          held?.resolve()
          held = null
        }
      },
      hears: async (t, count = 1) =>
        void (await eventually(
          10_000,
          `${t} is told: ${JSON.stringify(heard)}`,
          () => heard.filter((each) => each.t === t).length >= count,
        )),
    }
    inputs.push(input)
    return input
  }

  return {
    door,
    port: places?.port ?? 0,
    warnings,
    register,
    [Symbol.dispose]() {
      for (const input of inputs) input.door.close()
      door.close()
    },
  }
}

const REGISTER: RegisterRtmp = {
  t: 'register_rtmp',
  inputId: 1,
  app: 'live',
  streamKey: 'abc',
  onSecondPublisher: 'refuse',
}
