import { describe, expect, test } from 'bun:test'
import { startFeed } from '../support/feed.ts'
import { runFlap } from '../support/flap.ts'
import { checkMedia } from '../support/media-check.ts'
import { expectWhole, isOnAir, longestStep, RECEIVER_MS, runOn, SLOW_MS, soundTimes } from '../support/show-checks.ts'
import { openShow } from '../support/show-stage.ts'

/* The whole of a show, as receivers see it: before its first feed, with and without sound, through many deaths. */

describe('a show', () => {
  test.concurrent(
    'begins with its slate before any feed, and ends by a stop',
    async () => {
      await using show = await openShow(6, { onLoss: 'slate', slate: { file: null, text: 'Soon', before: true } })
      const { stage, udp, port } = show
      stage.want(show.spec)
      const pids = await show.allRun()
      expect(stage.input(6)).toMatchObject({ status: 'inactive', onAir: 'slate', onAirReason: null })
      const feed = await startFeed(port, { name: 'small' })
      await stage.inputIs(6, 'the feed is on air', isOnAir('main'))
      await runOn(stage, 1_700, udp)
      const files = await show.finish(pids)
      for (const path of files) await expectWhole(path, 1, 1)
      stage.want({ ...show.spec, outputs: [], enabled: false })
      await stage.inputIs(6, 'stopped', ({ status, onAir }) => status === 'stopped' && onAir === 'none')
      expect(stage.input(6).onAirReason).toBe('ended')
      await feed.stop()
    },
    SLOW_MS,
  )

  test.concurrent(
    'goes on in sound where the feed has none, and takes it up again',
    async () => {
      await using show = await openShow(7, {})
      const { stage, udp, port } = show
      stage.want(show.spec)
      const first = await startFeed(port, { name: 'small' })
      const pids = await show.allRun()
      await runOn(stage, 1_300, udp)
      first.kill('SIGKILL')
      await first.exited
      const mute = await startFeed(port, { name: 'mute', otherEncoder: true })
      await stage.inputIs(7, 'a feed without sound', ({ audio, onAir }) => audio === null && onAir === 'main')
      await runOn(stage, 1_300, udp)
      mute.kill('SIGKILL')
      await mute.exited
      const third = await startFeed(port, { name: 'small' })
      await stage.inputIs(7, 'a feed with sound', ({ audio, onAir }) => audio !== null && onAir === 'main')
      await runOn(stage, 1_300, udp)
      for (const path of await show.finish(pids)) {
        expect({ path, errors: (await checkMedia(path)).decodeErrors }).toEqual({ path, errors: [] })
        expect(longestStep(await soundTimes(path)), path).toBeLessThanOrEqual(0.05)
      }
      await third.stop()
    },
    SLOW_MS,
  )

  test.concurrent(
    'costs no output its connection in 6 deaths of the feed, for a blink or for seconds',
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
