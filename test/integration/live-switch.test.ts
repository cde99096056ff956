import { describe, expect, test } from 'bun:test'
import { startFeed } from '../support/feed.ts'
import { HAVE } from '../support/peers.ts'
import {
  expectWhole,
  isOnAir,
  RECEIVER_MS,
  runOn,
  SLOW_MS,
  sequenceHeaders,
  picturesOnAir,
} from '../support/show-checks.ts'
import { openShow } from '../support/show-stage.ts'

/*
 * What receivers see of a program whose feed dies, comes back another, is replaced by its last picture or by a slate: real
 * encoders, real outputs, real receivers, and what they recorded decoded whole.
 */

describe('a feed that dies', () => {
  test.concurrent(
    'freeze: outputs live through a death, a return with other PIDs, a quick restart and a freeze by hand',
    async () => {
      await using show = await openShow(1, {})
      const { stage, udp, port } = show
      stage.want(show.spec)
      await stage.inputIs(1, 'waits', ({ status }) => status === 'inactive')
      const first = await startFeed(port, { name: 'small' })
      const pids = await show.allRun()
      await runOn(stage, 1_700, udp)
      udp.longestGapMs()

      first.kill('SIGKILL')
      const lost = await stage.told('input.switched')
      expect(lost).toMatchObject({ from: 'main', to: 'freeze', reason: 'lost' })
      const frozen = await stage.inputIs(1, 'inactive and frozen', ({ status }) => status === 'inactive')
      expect(frozen).toMatchObject({ onAir: 'freeze', onAirReason: 'lost' })
      await runOn(stage, 150, udp)

      const second = await startFeed(port, { name: 'small', otherEncoder: true })
      const back = await stage.told('input.switched', ({ to }) => to === 'main')
      expect(back).toMatchObject({ from: 'freeze', reason: 'returned' })
      expect(back.gapMs).toBeLessThanOrEqual(500)
      await runOn(stage, 1_700, udp)

      second.kill('SIGKILL')
      await second.exited
      const anew = stage.told('input.restarted')
      const third = await startFeed(port, { name: 'small' })
      await Promise.race([anew, stage.told('input.switched', ({ to }) => to === 'main')])
      await runOn(stage, 1_700, udp)

      stage.supervisor.switch({ inputId: 1, to: 'freeze', when: 'keyframe' })
      await stage.inputIs(1, 'frozen by hand', isOnAir('freeze'))
      await runOn(stage, 150, udp)
      expect(stage.input(1).status).toBe('active')
      const auto = stage.supervisor.switch({ inputId: 1, to: 'auto', when: 'keyframe' })
      expect(auto).toMatchObject({ pending: 'main' })
      await stage.inputIs(1, 'back by hand', isOnAir('main'))
      await runOn(stage, 1_700, udp)
      expect(udp.longestGapMs()).toBeLessThanOrEqual(RECEIVER_MS)

      const files = await show.finish(pids)
      for (const path of files) await expectWhole(path, 6, 6)
      await third.stop()
    },
    SLOW_MS,
  )

  test.concurrent(
    'slate: a picture of its own that stays as long as it is needed',
    async () => {
      await using show = await openShow(2, { onLoss: 'slate', slate: { file: null, text: 'Back soon', before: false } })
      const { stage, udp, port } = show
      stage.want(show.spec)
      const first = await startFeed(port, { name: 'small' })
      const pids = await show.allRun()
      await stage.inputIs(2, 'the slate is made', ({ slateReady }) => slateReady === true)
      await runOn(stage, 1_700, udp)
      udp.longestGapMs()
      first.kill('SIGKILL')
      await stage.inputIs(2, 'the slate is on air', isOnAir('slate'))
      await runOn(stage, 200, udp)
      const second = await startFeed(port, { name: 'small' })
      await stage.inputIs(2, 'the feed is back', isOnAir('main'))
      await runOn(stage, 1_700, udp)
      expect(udp.longestGapMs()).toBeLessThanOrEqual(RECEIVER_MS)
      const files = await show.finish(pids)
      for (const path of files) await expectWhole(path, 4, 2)
      for (const path of files.filter((file) => file.endsWith('.flv')))
        expect(sequenceHeaders(path)).toBe(picturesOnAir(stage))
      await second.stop()
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
