import { afterAll, beforeAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import { checkMedia } from '../support/media-check.ts'
import { freeTcpPort } from '../support/ports.ts'
import type { Program } from '../support/processes.ts'
import type { Input, Output } from '../support/resources.ts'
import { liveInput, running, udpOutput } from '../support/stage.ts'
import { tempDir } from '../support/temp.ts'
import { openUdpReceiver, type UdpReceiver } from '../support/udp-receiver.ts'
import { startWeir, type Weir } from '../support/weir.ts'

/** The witness: an output that must not notice anything that happens to the others. */
let weir: Weir
let input: Input
let feed: Program
let witness: { output: Output; receiver: UdpReceiver }

beforeAll(async () => {
  weir = await startWeir()
  ;({ input, feed } = await liveInput(weir))
  witness = await udpOutput(weir, input.id, 'witness')
})

afterAll(async () => {
  await feed?.stop()
  await witness?.receiver[Symbol.asyncDispose]()
  await weir?.[Symbol.asyncDispose]()
})

const at = (output: Output) => `/api/inputs/${input.id}/outputs/${output.id}`

/** No packet lost, no pause longer than half a second, the same process, after another second of stream. */
async function expectUnharmed(): Promise<void> {
  await witness.receiver.more(1_500)
  expect(witness.receiver.errors()).toEqual(new Map())
  expect(witness.receiver.longestGapMs()).toBeLessThan(500)
  expect((await weir.output(input.id, witness.output.id)).process_id).toBe(witness.output.process_id)
}

test('add, edit, stop, start, restart and delete one output', async () => {
  const { output, receiver } = await udpOutput(weir, input.id, 'other')
  await using first = receiver
  await using second = await openUdpReceiver()
  const edited = await weir.ok<Output>('PATCH', at(output), { url: `udp://127.0.0.1:${second.port}` })
  expect(edited.url).toBe(`udp://127.0.0.1:${second.port}`)
  await second.more(100)
  const before = first.packets()

  expect((await weir.call<Output>('POST', `${at(output)}/stop`)).status).toBe(202)
  await weir.outputIs(output, 'stopped', (o) => o.status === 'stopped' && o.process_id === null)
  expect((await weir.call<Output>('POST', `${at(output)}/start`)).status).toBe(202)
  const started = await weir.outputIs(output, 'running again', running)
  expect((await weir.call<Output>('POST', `${at(output)}/restart`)).status).toBe(202)
  await weir.outputIs(output, 'another process', (o) => running(o) && o.process_id !== started.process_id)

  expect((await weir.call('DELETE', at(output))).status).toBe(204)
  expect((await weir.call('GET', at(output))).status).toBe(404)
  expect(first.packets()).toBe(before)
  expect(weir.children().map((child) => child.pid)).toEqual([witness.output.process_id!])
  await expectUnharmed()
})

test('a new name restarts nothing', async () => {
  const { output, receiver } = await udpOutput(weir, input.id, 'before')
  await using _ = receiver
  const renamed = await weir.ok<Output>('PATCH', at(output), { name: 'after', reconnect_delay: 3 })
  expect(renamed).toMatchObject({ name: 'after', process_id: output.process_id, status: 'running' })
  await weir.call('DELETE', at(output))
})

test('all outputs of an input stop and start together', async () => {
  const { output, receiver } = await udpOutput(weir, input.id, 'group')
  await using _ = receiver
  await weir.ok('POST', `/api/inputs/${input.id}/outputs/stop`)
  for (const o of [witness.output, output]) await weir.outputIs(o, 'stopped', (now) => now.status === 'stopped')
  expect(weir.children()).toEqual([])
  witness.receiver.reset()
  await weir.ok('POST', `/api/inputs/${input.id}/outputs/start`)
  await weir.outputIs(output, 'running', running)
  witness.output = await weir.outputIs(witness.output, 'running', running)
  await weir.call('DELETE', at(output))
})

test('an output whose FFmpeg is blocked is ended by force and comes back, beside one that runs', async () => {
  const { output, receiver } = await udpOutput(weir, input.id, 'blocked', { stall_timeout: 2, reconnect_delay: 0.2 })
  await using _ = receiver
  witness.receiver.longestGapMs()
  process.kill(output.process_id!, 'SIGSTOP')
  const back = await weir.outputIs(output, 'back', (o) => running(o) && o.process_id !== output.process_id, 30_000)
  expect(back.last_exit).toMatchObject({ class: 'hung', next: 'retry' })
  await receiver.more(500)
  await weir.call('DELETE', at(output))
  await expectUnharmed()
})

test('an output whose FFmpeg is killed comes back within its delay', async () => {
  const { output, receiver } = await udpOutput(weir, input.id, 'killed', { reconnect_delay: 0.5 })
  await using _ = receiver
  process.kill(output.process_id!, 'SIGKILL')
  const back = await weir.outputIs(output, 'back', (o) => running(o) && o.process_id !== output.process_id)
  expect(back).toMatchObject({ reconnect_count: 1, last_exit: { class: 'killed', signal: 'SIGKILL' } })
  await weir.call('DELETE', at(output))
  await expectUnharmed()
})

test('ten outputs that nobody takes retry beside it', async () => {
  const port = await freeTcpPort()
  const outputs = await Promise.all(
    Array.from({ length: 10 }, (_, n) => {
      const body = {
        name: `refused ${n}`,
        url: `rtmp://127.0.0.1:${port}/live`,
        stream_key: `k${n}`,
        reconnect_delay: 0.2,
      }
      return weir.createOutput(input.id, body)
    }),
  )
  for (const o of outputs) await weir.outputIs(o, 'two retries', (now) => now.reconnect_count >= 2, 60_000)
  await Promise.all(outputs.map((o) => weir.call('DELETE', at(o))))
  await expectUnharmed()
})

test('what the witness received all the while decodes without an error', async () => {
  const media = await checkMedia(witness.receiver.save(join(tempDir('witness'), 'witness.ts')))
  expect(media.decodeErrors).toEqual([])
  expect(media.videoFrames).toBeGreaterThan(100)
})
