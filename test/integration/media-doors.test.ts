import { afterEach, expect, test } from 'bun:test'
import { connect } from 'node:net'
import { createManualClock, type ManualClock } from '../../src/lib/clock.ts'
import type { Log } from '../../src/lib/log.ts'
import { createDoors, type Doors } from '../../src/media/doors/thread.ts'
import { toRtmpSocketPath } from '../../src/media/rtmp/door.ts'
import type { InputSpec } from '../../src/media/specs.ts'
import { toInputSpec } from '../support/media-stage.ts'
import { tempDir } from '../support/temp.ts'
import { eventually } from '../support/waiting.ts'

/** The real thread of the doors, driven as the media client drives it. */
const opened: Doors[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((doors) => doors.close()))
})

function open(clock: ManualClock) {
  const runDir = tempDir('doors')
  const lines: string[] = []
  const say = (line: string) => void lines.push(line)
  const log: Log = { debug: say, info: say, warn: say, error: say, child: () => log }
  const doors = createDoors({
    url: new URL('../../src/media/doors/worker.ts', import.meta.url).href,
    config: { instance: crypto.randomUUID(), runDir, rtmp: null },
    clock,
    log,
  })
  opened.push(doors)
  /** Whether somebody answers at the RTMP door's socket. */
  const answers = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect(toRtmpSocketPath(runDir))
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
  return { doors, lines, answers }
}

const source = { kind: 'rtmp', app: 'live', streamKey: 'abc', onSecondPublisher: 'refuse' } as const
const publisher: InputSpec = toInputSpec(source)
const isOpen = (answers: () => Promise<boolean>) => eventually(10_000, 'the door is open', answers)
const isShut = (answers: () => Promise<boolean>) =>
  eventually(10_000, 'the door is shut', async () => !(await answers()))

test('there is no thread while nobody needs one: a test pattern, a stopped input', async () => {
  const { doors, answers } = open(createManualClock())
  doors.want([toInputSpec({ kind: 'test' }), { ...publisher, enabled: false }])
  await Bun.sleep(300)
  expect(await answers()).toBe(false)
})

test('it starts with the first input that needs it, and ends half a minute after the last', async () => {
  // Without its seconds: they would pass faster than the thread's own, and it would seem not to answer.
  const clock: ManualClock = { ...createManualClock(), every: () => () => undefined }
  const { doors, lines, answers } = open(clock)
  doors.want([publisher])
  await isOpen(answers)
  doors.want([])
  clock.advance(29_000)
  doors.want([publisher])
  clock.advance(5_000)
  await Bun.sleep(300)
  expect(await answers()).toBe(true)
  doors.want([])
  clock.advance(30_000)
  await isShut(answers)
  doors.want([publisher])
  await isOpen(answers)
  expect(lines).toEqual([])
})

test('one that dies is followed by another, each time a little later', async () => {
  const clock = createManualClock()
  const { doors, lines, answers } = open(clock)
  doors.want([publisher])
  await isOpen(answers)
  for (const count of [1, 2]) {
    doors.crash()
    await eventually(10_000, 'its end is known', () => lines.filter((line) => line.includes('died')).length === count)
    expect(await answers()).toBe(false)
    clock.advance(10_000)
    await isOpen(answers)
  }
})

test('one that does not answer is ended, and followed by another', async () => {
  const clock = createManualClock()
  const { doors, lines, answers } = open(clock)
  doors.want([publisher])
  await isOpen(answers)
  // In one go: not a single beat of the thread can be heard in between.
  clock.advance(15_000)
  await eventually(10_000, 'its end is known', () => lines.some((line) => line.includes('died')))
  expect(lines[0]).toContain('do not answer')
  clock.advance(10_000)
  await isOpen(answers)
})
