import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { InputActual } from '../../src/media/actual.ts'
import { startFeed } from '../support/feed.ts'
import { fixture } from '../support/fixtures.ts'
import { runFlap } from '../support/flap.ts'
import { measureSync } from '../support/flash-beep.ts'
import { checkMedia } from '../support/media-check.ts'
import { type MediaStage, openMediaStage, toInputSpec, toOutputSpec } from '../support/media-stage.ts'
import { udpTo } from '../support/output-specs.ts'
import { HAVE } from '../support/peers.ts'
import { freeUdpPort } from '../support/ports.ts'
import { openShow, udpAt } from '../support/show-stage.ts'
import { tempDir } from '../support/temp.ts'
import { openUdpReceiver } from '../support/udp-receiver.ts'

/*
 * What receivers see of a program whose feed dies, comes back another, is replaced by its backup, by a slate or by its last
 * picture: real encoders, real outputs, real receivers, and what they recorded decoded whole.
 */

const LOSS_MS = 1_000
/** Decoding all that was recorded takes longer than the show on a busy machine. */
const SLOW_MS = 180_000
/** FFmpeg gathers up to half a second before it sends, and the machine may be busy. */
const RECEIVER_MS = LOSS_MS + 1_000

/** What the measure says of the feed as it is sent. */
let usual: Promise<number> | null = null

/** Decodes all of it, and measures sound against picture: within 25 ms of what the encoder sent. */
async function expectWhole(path: string, atLeastBeeps: number, cuts: number): Promise<void> {
  const media = await checkMedia(path)
  expect({ path, errors: media.decodeErrors }).toEqual({ path, errors: [] })
  const got = await measureSync(path)
  usual ??= fixture('main')
    .then(measureSync)
    .then((sent) => sent.toSorted()[sent.length >> 1] as number)
  const usualMs = await usual
  const apart = got.filter((ms) => ms !== null).map((ms) => ms - usualMs)
  expect(apart.length, path).toBeGreaterThanOrEqual(atLeastBeeps)
  // Beside a cut there may be a beep without its flash, or the other way round.
  expect(got.length - apart.length, path).toBeLessThanOrEqual(2 * cuts)
  for (const ms of apart) expect(Math.abs(ms), `${path} ${apart}`).toBeLessThanOrEqual(25)
}

/** How often an FLV begins a new picture configuration (Adobe Flash Video File Format 10.1, annex E.4.3). */
function sequenceHeaders(path: string): number {
  const bytes = readFileSync(path)
  let found = 0
  for (let at = 13; at + 15 < bytes.length; ) {
    const size = bytes.readUIntBE(at + 1, 3)
    if (bytes[at] === 9 && ((bytes[at + 11] as number) & 0x0f) === 7 && bytes[at + 12] === 0) found++
    at += 11 + size + 4
  }
  return found
}

/** When each sound of a recording is played, in seconds. */
async function soundTimes(path: string): Promise<number[]> {
  const what = ['-select_streams', 'a:0', '-show_entries', 'packet=pts_time', '-of', 'csv=p=0']
  const child = Bun.spawn(['ffprobe', '-v', 'error', ...what, path], { stdout: 'pipe', stderr: 'ignore' })
  const text = await new Response(child.stdout).text()
  return text.split('\n').filter(Boolean).map(Number.parseFloat)
}

const longestStep = (times: number[]) => Math.max(...times.slice(1).map((time, i) => time - (times[i] as number)))
const isOnAir = (what: string) => (input: { onAir: string }) => input.onAir === what
/** Goes on for so long with whatever is on air. */
async function runOn(stage: MediaStage, packets: number, udp: { more(packets: number): Promise<void> }): Promise<void> {
  await udp.more(packets)
  expect(stage.events.filter(({ name }) => name === 'output.exited')).toEqual([])
}

describe('a feed that dies', () => {
  test(
    'freeze: outputs live through a death, a return with other PIDs, a quick restart and a freeze by hand',
    async () => {
      await using show = await openShow(1, {})
      const { stage, udp, port } = show
      stage.want(show.spec)
      await stage.inputIs(1, 'waits', ({ status }) => status === 'inactive')
      const first = await startFeed(port)
      const pids = await show.allRun()
      await runOn(stage, 4_000, udp)
      udp.longestGapMs()

      first.kill('SIGKILL')
      const lost = await stage.told('input.switched')
      expect(lost).toMatchObject({ from: 'main', to: 'freeze', reason: 'lost' })
      const frozen = await stage.inputIs(1, 'inactive and frozen', ({ status }) => status === 'inactive')
      expect(frozen).toMatchObject({ onAir: 'freeze', onAirReason: 'lost' })
      await runOn(stage, 150, udp)

      const second = await startFeed(port, { otherEncoder: true })
      const back = await stage.told('input.switched', ({ to }) => to === 'main')
      expect(back).toMatchObject({ from: 'freeze', reason: 'returned' })
      expect(back.gapMs).toBeLessThanOrEqual(500)
      await runOn(stage, 4_000, udp)

      second.kill('SIGKILL')
      await second.exited
      const anew = stage.told('input.restarted')
      const third = await startFeed(port)
      await Promise.race([anew, stage.told('input.switched', ({ to }) => to === 'main')])
      await runOn(stage, 4_000, udp)

      stage.supervisor.switch({ inputId: 1, to: 'freeze', when: 'keyframe' })
      await stage.inputIs(1, 'frozen by hand', isOnAir('freeze'))
      await runOn(stage, 150, udp)
      expect(stage.input(1).status).toBe('active')
      const auto = stage.supervisor.switch({ inputId: 1, to: 'auto', when: 'keyframe' })
      expect(auto).toMatchObject({ pending: 'main' })
      await stage.inputIs(1, 'back by hand', isOnAir('main'))
      await runOn(stage, 4_000, udp)
      expect(udp.longestGapMs()).toBeLessThanOrEqual(RECEIVER_MS)

      const files = await show.finish(pids)
      for (const path of files) await expectWhole(path, 6, 6)
      await third.stop()
    },
    SLOW_MS,
  )

  test(
    'slate: a picture of its own that stays as long as it is needed',
    async () => {
      await using show = await openShow(2, { onLoss: 'slate', slate: { file: null, text: 'Back soon', before: false } })
      const { stage, udp, port } = show
      stage.want(show.spec)
      const first = await startFeed(port)
      const pids = await show.allRun()
      await stage.inputIs(2, 'the slate is made', ({ slateReady }) => slateReady === true)
      await runOn(stage, 4_000, udp)
      udp.longestGapMs()
      first.kill('SIGKILL')
      await stage.inputIs(2, 'the slate is on air', isOnAir('slate'))
      await runOn(stage, 200, udp)
      const second = await startFeed(port)
      await stage.inputIs(2, 'the feed is back', isOnAir('main'))
      await runOn(stage, 4_000, udp)
      expect(udp.longestGapMs()).toBeLessThanOrEqual(RECEIVER_MS)
      const files = await show.finish(pids)
      for (const path of files) await expectWhole(path, 4, 2)
      for (const path of files.filter((file) => file.endsWith('.flv'))) expect(sequenceHeaders(path)).toBe(3)
      await second.stop()
    },
    SLOW_MS,
  )

  test(
    'backup: one of another size and frame rate takes over from its cached pictures, and gives back',
    async () => {
      await using show = await openShow(3, { onLoss: 'backup', backupInputId: 4 })
      const { stage, udp, port } = show
      const backupPort = await freeUdpPort()
      stage.want(toInputSpec(udpAt(backupPort), [], { id: 4 }))
      stage.want(show.spec)
      const main = await startFeed(port)
      const backup = await startFeed(backupPort, { name: 'small30' })
      const pids = await show.allRun()
      await stage.inputIs(3, 'the backup is ready', ({ backupReady }) => backupReady?.ok === true)
      await stage.inputIs(3, 'differences', ({ backupReady }) => backupReady?.differs.length === 2)
      expect(stage.input(3).backupReady?.differs).toEqual(['size', 'fps'])
      const isWarned = (code: string) => (input: InputActual) => input.warnings.some((warning) => warning.code === code)
      await stage.inputIs(3, 'warned of them', isWarned('input.backup_differs'))
      await runOn(stage, 4_000, udp)
      udp.longestGapMs()

      const asked = stage.supervisor.switch({ inputId: 3, to: 'backup', when: 'keyframe' })
      expect(asked).toMatchObject({ onAir: 'main', pending: 'backup' })
      const byHand = await stage.told('input.switched', ({ to }) => to === 'backup')
      expect(byHand).toMatchObject({ from: 'main', reason: 'manual' })
      expect(byHand.gapMs).toBeLessThanOrEqual(250)
      await runOn(stage, 3_000, udp)
      stage.supervisor.switch({ inputId: 3, to: 'auto', when: 'keyframe' })
      await stage.inputIs(3, 'back', isOnAir('main'))
      await runOn(stage, 4_000, udp)

      main.kill('SIGKILL')
      await stage.told('input.switched', ({ reason }) => reason === 'lost')
      expect(stage.input(3)).toMatchObject({ onAir: 'backup', onAirReason: 'lost' })
      await stage.inputIs(3, 'warned', isWarned('input.on_backup'))
      await runOn(stage, 3_000, udp)
      const again = await startFeed(port)
      await stage.inputIs(3, 'the feed is back', isOnAir('main'))
      await runOn(stage, 4_000, udp)
      expect(udp.longestGapMs()).toBeLessThanOrEqual(RECEIVER_MS)

      const files = await show.finish(pids)
      for (const path of files) await expectWhole(path, 8, 4)
      for (const path of files.filter((file) => file.endsWith('.flv'))) expect(sequenceHeaders(path)).toBe(5)
      await Promise.all([again.stop(), backup.stop()])
    },
    SLOW_MS,
  )
})

test(
  'a backup of another sound: what copies it begins anew, what makes its own goes on',
  async () => {
    await using stage = openMediaStage()
    await using copied = await openUdpReceiver()
    await using made = await openUdpReceiver()
    const [port, backupPort] = [await freeUdpPort(), await freeUdpPort()]
    const copies = toOutputSpec(8, udpTo(copied.port))
    const makes = toOutputSpec(8, udpTo(made.port), { audio: 'aac' })
    stage.want(toInputSpec(udpAt(backupPort), [], { id: 9 }))
    stage.want(toInputSpec(udpAt(port), [copies, makes], { id: 8, onLoss: 'backup', backupInputId: 9 }))
    const main = await startFeed(port, { name: 'small' })
    const backup = await startFeed(backupPort, { name: 'aac44' })
    const before = await stage.outputIs(copies.id, 'running', ({ status }) => status === 'running')
    const kept = await stage.outputIs(makes.id, 'running', ({ status }) => status === 'running')
    await stage.inputIs(8, 'the backup differs', ({ backupReady }) => backupReady?.differs.includes('audio') === true)
    expect(stage.input(8).backupReady?.ok).toBe(false)
    await made.more(1_000)
    main.kill('SIGKILL')
    await stage.inputIs(8, 'the backup is on air', isOnAir('backup'))
    await stage.outputIs(copies.id, 'anew', (o) => o.status === 'running' && o.processId !== before.processId)
    await made.more(1_500)
    expect(stage.output(makes.id)).toMatchObject({ status: 'running', processId: kept.processId, reconnectCount: 0 })
    expect(stage.events.filter(({ name }) => name === 'output.exited')).toHaveLength(1)
    expect(made.errorCount()).toBe(0)
    const removed = stage.told('output.removed', ({ id }) => id === makes.id)
    stage.want(toInputSpec(udpAt(port), [copies], { id: 8, onLoss: 'backup', backupInputId: 9 }))
    await removed
    const path = made.save(join(tempDir('sound'), 'made.ts'))
    const { decodeErrors, audioFrames, durationSeconds } = await checkMedia(path)
    expect(decodeErrors).toEqual([])
    // All of it in the rate that the first feed had, without a hole.
    expect(audioFrames / durationSeconds).toBeGreaterThan(45)
    expect(longestStep(await soundTimes(path))).toBeLessThanOrEqual(0.1)
    await backup.stop()
  },
  SLOW_MS,
)

describe('a show', () => {
  test(
    'begins with its slate before any feed, and ends by a stop',
    async () => {
      await using show = await openShow(6, { onLoss: 'slate', slate: { file: null, text: 'Soon', before: true } })
      const { stage, udp, port } = show
      stage.want(show.spec)
      const pids = await show.allRun()
      expect(stage.input(6)).toMatchObject({ status: 'inactive', onAir: 'slate', onAirReason: null })
      const feed = await startFeed(port)
      await stage.inputIs(6, 'the feed is on air', isOnAir('main'))
      await runOn(stage, 4_000, udp)
      const files = await show.finish(pids)
      for (const path of files) await expectWhole(path, 1, 1)
      stage.want({ ...show.spec, outputs: [], enabled: false })
      await stage.inputIs(6, 'stopped', ({ status, onAir }) => status === 'stopped' && onAir === 'none')
      expect(stage.input(6).onAirReason).toBe('ended')
      await feed.stop()
    },
    SLOW_MS,
  )

  test(
    'goes on in sound where the feed has none, and takes it up again',
    async () => {
      await using show = await openShow(7, {})
      const { stage, udp, port } = show
      stage.want(show.spec)
      const first = await startFeed(port, { name: 'small' })
      const pids = await show.allRun()
      await runOn(stage, 2_000, udp)
      first.kill('SIGKILL')
      await first.exited
      const mute = await startFeed(port, { name: 'mute', otherEncoder: true })
      await stage.inputIs(7, 'a feed without sound', ({ audio, onAir }) => audio === null && onAir === 'main')
      await runOn(stage, 3_000, udp)
      mute.kill('SIGKILL')
      await mute.exited
      const third = await startFeed(port, { name: 'small' })
      await stage.inputIs(7, 'a feed with sound', ({ audio, onAir }) => audio !== null && onAir === 'main')
      await runOn(stage, 3_000, udp)
      for (const path of await show.finish(pids)) {
        expect({ path, errors: (await checkMedia(path)).decodeErrors }).toEqual({ path, errors: [] })
        expect(longestStep(await soundTimes(path)), path).toBeLessThanOrEqual(0.05)
      }
      await third.stop()
    },
    SLOW_MS,
  )
})

describe('a feed that dies again and again', () => {
  test(
    'costs no output its connection: 6 deaths, for a blink or for seconds',
    async () => {
      await using show = await openShow(5, {})
      const flap = await runFlap(show, { deaths: 6, everyMs: 4_000, deadMs: [0, 300, 1_500, 3_000] })
      expect(flap).toMatchObject({ disconnects: 0, continuityErrors: 0 })
      expect(Math.max(...Object.values(flap.longestSilenceMs))).toBeLessThanOrEqual(RECEIVER_MS)
      expect(show.stage.input(5).warnings.map(({ code }) => code)).toContain('input.flapping')
      for (const path of await show.finish(flap.pids)) {
        expect({ path, errors: (await checkMedia(path)).decodeErrors }).toEqual({ path, errors: [] })
      }
    },
    SLOW_MS,
  )
})

test.skipIf(HAVE.rtmp && HAVE.srt)(
  'nginx-rtmp or srt-live-transmit is missing: outputs to it were not looked at',
  () => {
    expect(HAVE).toMatchObject({ rtmp: true, srt: true })
  },
)
