import { expect, test } from 'bun:test'
import { active, liveInput, running, udpOutput } from '../support/stage.ts'
import { startWeir } from '../support/weir.ts'
import { eventually } from '../support/waiting.ts'

test('a media worker that dies has its 20 outputs back within 5 s; those of another worker notice nothing', async () => {
  await using weir = await startWeir({ env: { MEDIA_WORKERS: '2' } })
  const near = await liveInput(weir)
  const far = await liveInput(weir)
  type Status = { workers: { index: number; inputs: number[] }[] }
  const workerOf = async (id: number) =>
    (await weir.ok<Status>('GET', '/api/system/status')).workers.find((w) => w.inputs.includes(id))?.index
  expect(await workerOf(near.input.id)).not.toBe(await workerOf(far.input.id))
  const made = await Promise.all(Array.from({ length: 20 }, (_, n) => udpOutput(weir, near.input.id, `near ${n}`)))
  const outputs = made.map(({ output }) => output)
  const receivers = made.map(({ receiver }) => receiver)
  const witness = await udpOutput(weir, far.input.id, 'far')

  const worker = await workerOf(near.input.id)
  const died = performance.now()
  await weir.ok('POST', '/api/system/faults', { kill: `media:${worker}` })
  await Promise.all(
    outputs.map((o) => weir.outputIs(o, 'another process', (now) => running(now) && now.process_id !== o.process_id)),
  )
  expect(performance.now() - died).toBeLessThan(5_000)
  await Promise.all(receivers.map((receiver) => receiver.more(200)))

  await witness.receiver.more(1_500)
  expect(witness.receiver.errors()).toEqual(new Map())
  expect((await weir.output(far.input.id, witness.output.id)).process_id).toBe(witness.output.process_id)
  expect(weir.children()).toHaveLength(outputs.length + 1)
  await Promise.all([near.feed.stop(), far.feed.stop()])
  await Promise.all([witness.receiver, ...receivers].map((receiver) => receiver[Symbol.asyncDispose]()))
})

test('SIGKILL of the server leaves no FFmpeg after 1 s; the next start brings everything back by itself', async () => {
  await using weir = await startWeir()
  const { input, feed, port } = await liveInput(weir)
  const { output, receiver } = await udpOutput(weir, input.id, 'survivor')
  const off = await weir.createOutput(input.id, { name: 'off', url: 'udp://127.0.0.1:9', enabled: false })
  const bars = await weir.createInput({ name: 'Bars', kind: 'test' })
  await weir.inputIs(bars.id, 'active', active)

  await weir.end('SIGKILL')
  await eventually(1_000, 'no FFmpeg is left', () => weir.children().length === 0)

  await weir.start()
  await weir.inputIs(input.id, 'active', active)
  await weir.inputIs(bars.id, 'active', active)
  await weir.outputIs(output, 'running', running)
  expect((await weir.output(input.id, off.id)).status).toBe('stopped')
  expect((await weir.input(input.id)).udp_port).toBe(port)
  await receiver.more(500)
  await feed.stop()
  await receiver[Symbol.asyncDispose]()
})

test('SIGTERM with 20 outputs ends within 3 s, with code 0 and nothing left', async () => {
  await using weir = await startWeir()
  const { input, feed } = await liveInput(weir)
  const outputs = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      weir.createOutput(input.id, { name: `o${n}`, url: `udp://127.0.0.1:${20 + n}` }),
    ),
  )
  await Promise.all(outputs.map((o) => weir.outputIs(o, 'running', running, 60_000)))
  expect(weir.children()).toHaveLength(20)
  const asked = performance.now()
  expect(await weir.end('SIGTERM')).toBe(0)
  expect(performance.now() - asked).toBeLessThan(3_000)
  expect(weir.children()).toEqual([])
  await feed.stop()
})

test('a blocked event loop of a media worker costs its outputs no process', async () => {
  await using weir = await startWeir()
  const { input, feed } = await liveInput(weir)
  const { output, receiver } = await udpOutput(weir, input.id, 'steady')
  await weir.ok('POST', '/api/system/faults', { block_loop_ms: 400 })
  await receiver.more(1_500)
  expect((await weir.output(input.id, output.id)).process_id).toBe(output.process_id)
  expect(receiver.errors()).toEqual(new Map())
  await feed.stop()
  await receiver[Symbol.asyncDispose]()
})
