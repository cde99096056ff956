import { afterAll, beforeAll, expect, test } from 'bun:test'
import { startRtmpServer } from '../support/nginx.ts'
import { HAVE, sharedRtmp } from '../support/peers.ts'
import { freeTcpPort, freeUdpPort } from '../support/ports.ts'
import type { Program } from '../support/processes.ts'
import type { Input, Output } from '../support/resources.ts'
import { startSrtListener } from '../support/srt.ts'
import { freshOutput, liveInput, running } from '../support/stage.ts'
import { startWeir, type Weir } from '../support/weir.ts'

let weir: Weir
let input: Input
let feed: Program

beforeAll(async () => {
  weir = await startWeir()
  ;({ input, feed } = await liveInput(weir))
})

afterAll(async () => {
  await feed?.stop()
  await weir?.[Symbol.asyncDispose]()
})

const create = (body: Record<string, unknown>) => freshOutput(weir, input.id, { reconnect_delay: 0.3, ...body })
const failed = (output: Output) => output.last_exit !== null

test.concurrent('a closed port is refused, in words for people, and retried', async () => {
  const output = await create({ name: 'closed', url: `rtmp://127.0.0.1:${await freeTcpPort()}/live`, stream_key: 'k' })
  const now = await weir.outputIs(output, 'a second try', (o) => failed(o) && o.reconnect_count >= 1)
  expect(now.last_exit).toMatchObject({ class: 'refused', next: 'retry' })
  expect(now.last_error).toMatch(/refused/i)
  const logs = await weir.ok<{ lines: { text: string }[]; exits: unknown[] }>('GET', `${at(output)}/logs`)
  expect(logs.lines.length).toBeGreaterThan(0)
  expect(logs.exits.length).toBeGreaterThan(0)
  await weir.call('DELETE', at(output))
})

test.concurrent('a host that does not exist is told apart', async () => {
  const output = await create({ name: 'nowhere', url: 'rtmp://no-such-host.invalid/live', stream_key: 'k' })
  const now = await weir.outputIs(output, 'failed', failed)
  expect(now.last_exit?.class).toBe('dns')
  await weir.call('DELETE', at(output))
})

test.concurrent.skipIf(!HAVE.rtmp)(
  'a server that refuses the key rejects, and the words say what to check',
  async () => {
    const server = await sharedRtmp()
    const output = await create({ name: '403', url: `rtmp://127.0.0.1:${server.port}/refuse`, stream_key: 'wrong' })
    const now = await weir.outputIs(output, 'failed', failed)
    expect(now.last_exit?.class).toBe('rejected')
    expect(now.last_error).toMatch(/key/i)
    await weir.call('DELETE', at(output))
  },
)

test.concurrent.skipIf(!HAVE.srt)('a wrong passphrase never runs, the right one does', async () => {
  await using listener = await startSrtListener({ passphrase: 'the-right-words' })
  const url = `srt://127.0.0.1:${listener.port}`
  const output = await create({ name: 'srt', url, passphrase: 'the-wrong-words' })
  const now = await weir.outputIs(output, 'failed', failed)
  expect(now.stats.bytes_total).toBe(0)
  await weir.ok('PATCH', at(output), { passphrase: 'the-right-words' })
  await weir.outputIs(output, 'running', running)
  await listener.received(100_000)
  await weir.call('DELETE', at(output))
})

test.concurrent('attempts that are used up end in error; start tries again', async () => {
  const port = await freeTcpPort()
  const body = {
    url: `rtmp://127.0.0.1:${port}/live`,
    stream_key: 'k',
    max_reconnect_attempts: 2,
    reconnect_delay: 0.1,
  }
  const output = await create({ name: 'twice', ...body })
  const ended = await weir.outputIs(output, 'error', (o) => o.status === 'error')
  expect(ended.last_exit?.next).toBe('error')
  expect(ended.next_retry_at).toBeNull()
  await weir.ok('POST', `${at(output)}/start`)
  await weir.outputIs(output, 'another end', (o) => o.status === 'error' && o.since !== ended.since)
  await weir.call('DELETE', at(output))
})

test.concurrent.skipIf(!HAVE.rtmp)('a server that dies mid-stream and comes back is found again', async () => {
  await using server = await startRtmpServer()
  const output = await create({ name: 'dies', url: `rtmp://127.0.0.1:${server.port}/live`, stream_key: 'phoenix' })
  const first = await weir.outputIs(output, 'running', running)
  await server.kill('SIGKILL')
  const down = await weir.outputIs(output, 'reconnecting', (o) => o.status === 'reconnecting')
  expect(down.last_exit?.class).toBe('peer_closed')
  await server.start()
  const back = await weir.outputIs(output, 'running again', (o) => running(o) && o.process_id !== first.process_id)
  expect(back.reconnect_count).toBeGreaterThanOrEqual(1)
  await weir.call('DELETE', at(output))
})

test.concurrent.skipIf(!HAVE.srt)('an SRT peer that dies mid-stream and comes back is found again', async () => {
  const port = await freeUdpPort()
  const output = await (async () => {
    await using first = await startSrtListener({ port })
    const made = await create({ name: 'srt dies', url: `srt://127.0.0.1:${port}` })
    await weir.outputIs(made, 'running', running)
    await first.received(100_000)
    await first.kill('SIGKILL')
    return made
  })()
  await weir.outputIs(output, 'reconnecting', (o) => o.status === 'reconnecting', 60_000)
  await using second = await startSrtListener({ port })
  await second.received(100_000, 60_000)
  await weir.outputIs(output, 'running again', running)
  await weir.call('DELETE', at(output))
})

test.concurrent.skipIf(!HAVE.rtmp)('a server that freezes is noticed, and found again when it thaws', async () => {
  await using server = await startRtmpServer()
  const url = `rtmp://127.0.0.1:${server.port}/live`
  const output = await create({ name: 'freezes', url, stream_key: 'ice', stall_timeout: 2 })
  await weir.outputIs(output, 'running', running)
  server.freeze()
  const noticed = await weir.outputIs(output, 'ended by force', (o) => o.last_exit !== null, 60_000)
  expect(noticed.last_exit?.class).toBe('hung')
  server.thaw()
  await weir.outputIs(output, 'running again', (o) => running(o) && o.process_id !== noticed.process_id, 60_000)
  await weir.call('DELETE', at(output))
})

test.concurrent('a server that takes the connection and says nothing runs into the start deadline', async () => {
  const mute = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data: () => undefined } })
  const output = await create({ name: 'mute', url: `rtmp://127.0.0.1:${mute.port}/live`, stream_key: 'k' })
  const now = await weir.outputIs(output, 'failed', failed, 60_000)
  expect(now.stats.bytes_total).toBe(0)
  expect(now.last_exit?.next).toBe('retry')
  await weir.call('DELETE', at(output))
  mute.stop(true)
})

function at(output: Output): string {
  return `/api/inputs/${output.input_id}/outputs/${output.id}`
}
