import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import type { InputActual } from '../../src/media/actual.ts'
import { startFeed } from '../support/feed.ts'
import { checkMedia } from '../support/media-check.ts'
import { openMediaStage, toInputSpec, toOutputSpec } from '../support/media-stage.ts'
import { udpTo } from '../support/output-specs.ts'
import { freeUdpPort } from '../support/ports.ts'
import {
  expectWhole,
  isOnAir,
  longestStep,
  RECEIVER_MS,
  runOn,
  SLOW_MS,
  sequenceHeaders,
  soundTimes,
  picturesOnAir,
} from '../support/show-checks.ts'
import { openShow, udpAt } from '../support/show-stage.ts'
import { tempDir } from '../support/temp.ts'
import { openUdpReceiver } from '../support/udp-receiver.ts'

/*
 * What receivers see of a program whose feed dies and is replaced by its backup: real encoders, real outputs, real
 * receivers, and what they recorded decoded whole.
 */

describe('a backup', () => {
  test.concurrent(
    'of another size and frame rate takes over from its cached pictures, and gives back',
    async () => {
      await using show = await openShow(3, { onLoss: 'backup', backupInputId: 4 })
      const { stage, udp, port } = show
      const backupPort = await freeUdpPort()
      stage.want(toInputSpec(udpAt(backupPort), [], { id: 4 }))
      stage.want(show.spec)
      const main = await startFeed(port, { name: 'small' })
      const backup = await startFeed(backupPort, { name: 'small30' })
      const pids = await show.allRun()
      await stage.inputIs(3, 'the backup is ready', ({ backupReady }) => backupReady?.ok === true)
      await stage.inputIs(3, 'differences', ({ backupReady }) => backupReady?.differs.length === 2)
      expect(stage.input(3).backupReady?.differs).toEqual(['size', 'fps'])
      const isWarned = (code: string) => (input: InputActual) => input.warnings.some((warning) => warning.code === code)
      await stage.inputIs(3, 'warned of them', isWarned('input.backup_differs'))
      await runOn(stage, 1_700, udp)
      udp.longestGapMs()

      const asked = stage.supervisor.switch({ inputId: 3, to: 'backup', when: 'keyframe' })
      expect(asked).toMatchObject({ onAir: 'main', pending: 'backup' })
      const byHand = await stage.told('input.switched', ({ to }) => to === 'backup')
      expect(byHand).toMatchObject({ from: 'main', reason: 'manual' })
      expect(byHand.gapMs).toBeLessThanOrEqual(250)
      await runOn(stage, 1_300, udp)
      stage.supervisor.switch({ inputId: 3, to: 'auto', when: 'keyframe' })
      await stage.inputIs(3, 'back', isOnAir('main'))
      await runOn(stage, 1_700, udp)

      main.kill('SIGKILL')
      await stage.told('input.switched', ({ reason }) => reason === 'lost')
      expect(stage.input(3)).toMatchObject({ onAir: 'backup', onAirReason: 'lost' })
      await stage.inputIs(3, 'warned', isWarned('input.on_backup'))
      await runOn(stage, 1_300, udp)
      const again = await startFeed(port, { name: 'small' })
      await stage.inputIs(3, 'the feed is back', isOnAir('main'))
      await runOn(stage, 1_700, udp)
      expect(udp.longestGapMs()).toBeLessThanOrEqual(RECEIVER_MS)

      const files = await show.finish(pids)
      for (const path of files) await expectWhole(path, 8, 4)
      for (const path of files.filter((file) => file.endsWith('.flv')))
        expect(sequenceHeaders(path)).toBe(picturesOnAir(stage))
      await Promise.all([again.stop(), backup.stop()])
    },
    SLOW_MS,
  )

  test.concurrent(
    'of another sound: what copies it begins anew, what makes its own goes on',
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
})
