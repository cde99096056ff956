import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { systemClock as clock } from '../../src/lib/clock.ts'
import { type SrtChild, startSrtChild } from '../../src/media/doors/srt-child.ts'
import type { OutputTarget } from '../../src/media/specs.ts'
import { checkMedia } from '../support/media-check.ts'
import { toOutput } from '../support/output-specs.ts'
import { openOutputStage, type OutputStage } from '../support/output-stage.ts'
import { freeUdpPort } from '../support/ports.ts'
import { startProgram } from '../support/processes.ts'
import { tempDir } from '../support/temp.ts'
import { eventually } from '../support/waiting.ts'

/** A machine whose FFmpeg speaks SRT, but which has no libsrt that Weir could open: the door is told another name for it. */
const PASSPHRASE = 'correct-horse-battery'
let door: SrtChild
let it: OutputStage

beforeAll(async () => {
  const runDir = tempDir('run')
  door = startSrtChild({
    clock,
    instance: `test-single-${process.pid}`,
    runDir,
    libraries: ['libnone.so.1.5'],
    spawned: () => undefined,
    reaped: () => undefined,
    log: () => undefined,
  })
  it = await openOutputStage({ runDir })
})

afterAll(async () => {
  await it?.[Symbol.asyncDispose]()
  await door.close()
})

async function listener(over: Partial<Extract<OutputTarget, { protocol: 'srt_listener' }>> = {}) {
  const port = await freeUdpPort()
  const target = { port, latencyMs: 120, pktSize: 1_316, passphrase: PASSPHRASE, streamId: null, ...over }
  return it.add(toOutput({ protocol: 'srt_listener', ...target }))
}

describe('an SRT listener output without libsrt', () => {
  test('serves one receiver after the other, waits without one, and counts none as a failure', async () => {
    const output = await listener()
    if (output.target.protocol !== 'srt_listener') expect.unreachable()
    const address = `srt://127.0.0.1:${output.target.port}?mode=caller&passphrase=${PASSPHRASE}`
    for (const turn of [1, 2]) {
      const waiting = await it.is(
        output,
        `waiting, turn ${turn}`,
        ({ status, processId }) => status === 'waiting' && processId !== null,
      )
      expect(waiting).toMatchObject({ callers: null, warnings: [{ code: 'output.single_caller' }] })
      const path = join(tempDir('srt'), 'received.ts')
      const receiver = startProgram(['srt-live-transmit', '-v', address, 'file://con'], { stdoutPath: path })
      await it.running(output)
      await eventually(20_000, 'the receiver has the feed', () => Bun.file(path).size > 800_000)
      await receiver.stop()
      const media = await checkMedia(path)
      expect(media).toMatchObject({ videoCodec: 'h264', audioCodec: 'aac', width: 1280 })
      await it.is(output, `the receiver left, turn ${turn}`, ({ status }) => status === 'waiting')
    }
    expect(it.stage.output(output.id)).toMatchObject({
      ...{ attempt: 0, reconnectCount: 0, lastError: null, nextRetryAt: null },
      lastExit: { class: 'peer_closed', next: 'none' },
    })
    await it.remove(output)
  }, 60_000)

  test('a taken port is a failure with words, and is tried again', async () => {
    const first = await listener()
    if (first.target.protocol !== 'srt_listener') expect.unreachable()
    await it.is(first, 'waiting', ({ status, processId }) => status === 'waiting' && processId !== null)
    await eventually(10_000, 'the port is open', () => hasUdpPort(first.target))
    const second = await listener({ port: first.target.port })
    const failed = await it.failed(second)
    expect(failed).toMatchObject({ lastExit: { class: 'refused', next: 'retry' } })
    expect(failed.lastError).toContain('port')
    await it.remove(second)
    await it.remove(first)
  })

  test('nobody is served where the stream ID alone would guard it', async () => {
    const output = await listener({ passphrase: null, streamId: 'secret-id' })
    const actual = await it.is(output, 'refused', ({ status }) => status === 'error')
    expect(actual).toMatchObject({ processId: null, nextRetryAt: null })
    expect(actual.statusReason).toContain('passphrase')
    await it.remove(output)
  })
})

/** Whether somebody on this machine has the UDP port (proc(5): /proc/net/udp, local address in hexadecimal). */
async function hasUdpPort(target: OutputTarget): Promise<boolean> {
  if (target.protocol !== 'srt_listener') return false
  const hex = `:${target.port.toString(16).toUpperCase().padStart(4, '0')} `
  return (await Bun.file('/proc/net/udp').text()).includes(hex)
}
