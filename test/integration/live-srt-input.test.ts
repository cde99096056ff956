import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createSocket } from 'node:dgram'
import { isSrtData, openLossyRelay } from '../support/lossy-relay.ts'
import { checkMedia } from '../support/media-check.ts'
import { freeUdpPort } from '../support/ports.ts'
import type { Program } from '../support/processes.ts'
import type { Input } from '../support/resources.ts'
import { doorPid, leaves, logLine, startSrtPublisher } from '../support/srt-peers.ts'
import { active, liveInput, udpOutput } from '../support/stage.ts'
import { tempDir } from '../support/temp.ts'
import { eventually } from '../support/waiting.ts'
import { startWeir, type Weir } from '../support/weir.ts'

const PASSPHRASE = 'correct-horse-battery'

type SrtInput = Input & { srt_port: number; publish_key: string }

let weir: Weir
let made = 0

beforeAll(async () => {
  weir = await startWeir()
})
afterAll(() => weir?.[Symbol.asyncDispose]())

const inactive = (input: Input) => input.status === 'inactive'

async function create(more: Record<string, unknown> = {}): Promise<SrtInput> {
  const body = { name: `srt ${++made}`, kind: 'srt_listener', bind_address: '127.0.0.1', srt_port: await freeUdpPort() }
  const input = (await weir.createInput({ ...body, on_loss: 'hold', ...more })) as SrtInput
  await weir.inputIs(input.id, 'open', inactive)
  return input
}

const publish = (input: SrtInput, o: { streamId?: string; passphrase?: string } = {}) =>
  startSrtPublisher({ port: input.srt_port, streamId: input.publish_key, ...o })

/** A publisher that tries again and again, as encoders do, until it is on air. */
const letIn = async (input: SrtInput): Promise<Program> => {
  await weir.inputIs(input.id, 'open, without a feed', inactive)
  return eventually(40_000, 'a publisher that is let in', async () => {
    const publisher = await publish(input)
    const gone = publisher.exited.then(() => false)
    const on = weir.inputIs(input.id, 'active', active).then(
      () => true,
      () => false,
    )
    return (await Promise.race([gone, on])) && publisher
  })
}

const remove = async (input: Input, ...programs: Program[]) => {
  await Promise.all(programs.map((program) => program.stop()))
  expect((await weir.call('DELETE', `/api/inputs/${input.id}`)).status).toBe(204)
}

describe('a publisher by SRT', () => {
  test.concurrent('with the key is on air: every packet goes on, and its link is measured', async () => {
    const input = await create()
    await using publisher = await publish(input)
    const on = await weir.inputIs(input.id, 'active', active)
    expect(on.source).toMatch(/^127\.0\.0\.1:\d+$/)
    const { output, receiver } = await udpOutput(weir, input.id, 'out')
    await receiver.more(6_000)
    // So that the last picture is a whole one.
    await weir.ok('POST', `/api/inputs/${input.id}/outputs/${output.id}/stop`)
    await weir.outputIs(output, 'stopped', ({ status }) => status === 'stopped')
    expect(receiver.errors()).toEqual(new Map())
    const media = await checkMedia(receiver.save(`${tempDir('srt-in')}/got.ts`))
    expect(media).toMatchObject({ videoCodec: 'h264', audioCodec: 'aac', width: 1280, height: 720, decodeErrors: [] })
    type Linked = { stats: { continuity_errors: number; link: { latency_ms: number; rtt_ms: number } | null } }
    const linked = await eventually(10_000, 'figures of the link', async () => {
      const { stats } = (await weir.input(input.id)) as unknown as Linked
      return stats.link && stats
    })
    expect(linked).toMatchObject({ continuity_errors: 0, link: { latency_ms: 200 } })
    expect(weir.lines.join('\n')).not.toContain(input.publish_key)
    await receiver[Symbol.asyncDispose]()
    await remove(input, publisher)
  })

  test.concurrent('over a network that loses three of a hundred packets: all are sent again, and the loss is told', async () => {
    // Time enough to send again where the relay, which is in this process, has to wait for its turn.
    const input = await create({ latency_ms: 2_000 })
    await using relay = await openLossyRelay(input.srt_port)
    relay.lose(({ bytes, toServer, number }) => toServer && isSrtData(bytes) && number % 33 === 0)
    await using publisher = await startSrtPublisher({ port: relay.port, streamId: input.publish_key })
    await weir.inputIs(input.id, 'active', active)
    const { receiver } = await udpOutput(weir, input.id, 'out')
    await receiver.more(6_000)
    expect(receiver.errors()).toEqual(new Map())
    type Link = { packets_lost: number; packets_retransmitted: number; packets_dropped: number; loss_percent: number }
    const { stats } = (await weir.input(input.id)) as unknown as { stats: { continuity_errors: number; link: Link } }
    expect(stats.continuity_errors).toBe(0)
    expect(stats.link.packets_dropped).toBe(0)
    expect(stats.link.packets_lost).toBeGreaterThan(5)
    expect(stats.link.packets_retransmitted).toBeGreaterThan(5)
    expect(stats.link.loss_percent).toBeWithin(1, 10)
    await receiver[Symbol.asyncDispose]()
    await remove(input, publisher)
  })

  test.concurrent("may write the key in SRT's own syntax", async () => {
    const input = await create()
    await using publisher = await publish(input, { streamId: `#!::m=publish,r=${input.publish_key}` })
    await weir.inputIs(input.id, 'active', active)
    await remove(input, publisher)
  })

  test.concurrent.each([
    ['another key', 'wrong-key-98765', /publisher 127\.0\.0\.1:\d+ was turned away. Its stream ID is not/],
    ['no key', '', /publisher 127\.0\.0\.1:\d+ was turned away. It came without/],
  ])('with %s is refused, and told without what it said', async (_, streamId, words) => {
    const input = await create()
    await using publisher = await publish(input, { streamId })
    expect(await leaves(publisher)).not.toBe(0)
    const line = await logLine(weir, input, words)
    expect(line).not.toContain('98765')
    const now = await weir.input(input.id)
    expect([now.status, now.stats.bytes_total]).toEqual(['inactive', 0])
    await remove(input)
  })

  test.concurrent.each([
    ['another', 'wrong-horse-battery', /127\.0\.0\.1:\d+ was turned away\. Its passphrase is wrong/],
    ['no', undefined, /127\.0\.0\.1:\d+ was turned away\. It came without a passphrase/],
  ])('with %s passphrase is refused, and told', async (_, passphrase, words) => {
    const input = await create({ passphrase: PASSPHRASE })
    await using stranger = await publish(input, passphrase ? { passphrase } : {})
    expect(await leaves(stranger)).not.toBe(0)
    await logLine(weir, input, words)
    const { stats, warnings } = await weir.inputIs(input.id, 'warned', (i) => i.warnings.length > 0)
    expect(stats.bytes_total).toBe(0)
    expect(warnings.map(({ code }) => code)).toEqual(['input.publisher_refused'])
    await remove(input)
  })

  test.concurrent('needs the passphrase; with it the key may be left out', async () => {
    const input = await create({ passphrase: PASSPHRASE })
    for (const streamId of [input.publish_key, '']) {
      await using publisher = await publish(input, { passphrase: PASSPHRASE, streamId })
      await weir.inputIs(input.id, 'active', active)
      await publisher.stop()
      await weir.inputIs(input.id, 'waiting again', inactive)
    }
    await using wrong = await publish(input, { passphrase: PASSPHRASE, streamId: 'another' })
    expect(await leaves(wrong)).not.toBe(0)
    await remove(input)
  })

  test.concurrent('from an address that is not in the list is refused', async () => {
    const input = await create({ allow_from: ['192.0.2.0/24'] })
    await using publisher = await publish(input)
    expect(await leaves(publisher)).not.toBe(0)
    await logLine(weir, input, /address is not in the list of allowed senders/)
    expect((await weir.input(input.id)).stats.bytes_total).toBe(0)
    await weir.ok('PATCH', `/api/inputs/${input.id}`, { allow_from: ['127.0.0.0/8'] })
    await weir.inputIs(input.id, 'open again', inactive)
    await using allowed = await publish(input)
    await weir.inputIs(input.id, 'active', active)
    await remove(input, allowed)
  })

  test.concurrent('that comes second is refused, and the first notices nothing', async () => {
    const input = await create()
    await using first = await publish(input)
    const { source } = await weir.inputIs(input.id, 'active', active)
    await using second = await publish(input)
    expect(await leaves(second)).not.toBe(0)
    await logLine(weir, input, /Another publisher is there/)
    const now = await weir.input(input.id)
    expect([now.status, now.source, now.stats.continuity_errors]).toEqual(['active', source, 0])
    await weir.inputIs(input.id, 'warned', ({ warnings }) => warnings.some((w) => w.code === 'input.publisher_refused'))
    await remove(input, first)
  })

  test.concurrent('that comes second takes the place where that is wanted', async () => {
    const input = await create({ on_second_publisher: 'replace' })
    await using first = await publish(input)
    const { source } = await weir.inputIs(input.id, 'active', active)
    // One that was let in a moment ago keeps its place, so the second may have to come again.
    const second = await eventually(30_000, 'a second one that is let in', async () => {
      const next = await publish(input)
      return (await Promise.race([next.exited.then(() => false), first.exited.then(() => true)])) && next
    })
    const now = await weir.inputIs(
      input.id,
      'another source',
      (i) => active(i) && i.source !== source && i.source !== null,
    )
    expect(now.stats.continuity_errors).toBe(0)
    const { items } = await weir.ok<{ items: { type: string; message: string }[] }>(
      'GET',
      `/api/inputs/${input.id}/events`,
    )
    const told = items.filter(({ type }) => type === 'input.replaced')
    expect(told).toMatchObject([{ message: expect.stringMatching(/^Another publisher took its place: 127\.0\.0\.1:/) }])
    await remove(input, second)
  })

  test.concurrent('says goodbye, or is lost; the next one goes on under running outputs', async () => {
    const input = await create()
    const first = await publish(input)
    await weir.inputIs(input.id, 'active', active)
    const { output, receiver } = await udpOutput(weir, input.id, 'out')
    await first.stop()
    await logLine(weir, input, /The publisher ended the stream/)

    const second = await publish(input)
    await weir.inputIs(input.id, 'active', active)
    await receiver.more(500)
    second.kill('SIGKILL')
    await logLine(weir, input, /The link to the publisher broke/)

    const third = await publish(input)
    await weir.inputIs(input.id, 'active', active)
    await receiver.more(500)
    expect(receiver.errors()).toEqual(new Map())
    expect((await weir.output(input.id, output.id)).process_id).not.toBeNull()
    expect(((await weir.input(input.id)) as unknown as { reconnect_count: number }).reconnect_count).toBe(0)
    await receiver[Symbol.asyncDispose]()
    await remove(input, third)
  }, 120_000)
})

test.concurrent('a port that another program has is told in words, and opens when it is free', async () => {
  const port = await freeUdpPort()
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(port, '127.0.0.1', resolve))
  const body = { name: 'taken', kind: 'srt_listener', bind_address: '127.0.0.1', srt_port: port }
  const { id } = await weir.createInput(body)
  const blocked = await weir.inputIs(
    id,
    'in error',
    ({ status, warnings }) => status === 'error' && warnings.length > 0,
    40_000,
  )
  expect(blocked.status_reason).toContain(`UDP port ${port} is taken by another program`)
  expect(blocked.warnings.map(({ code }) => code)).toEqual(['input.port_taken'])
  await new Promise<void>((resolve) => socket.close(resolve))
  await weir.inputIs(id, 'open', inactive, 40_000)
  await weir.call('DELETE', `/api/inputs/${id}`)
})

test.concurrent('SIGKILL of the server takes the SRT door along; the next start has it again', async () => {
  await using own = await startWeir()
  const port = await freeUdpPort()
  const body = { name: 'srt', kind: 'srt_listener', bind_address: '127.0.0.1', srt_port: port }
  const input = await own.createInput(body)
  await own.inputIs(input.id, 'open', inactive)
  expect(doorPid(own)).toBeNumber()
  await own.end('SIGKILL')
  await eventually(2_000, 'no child is left', () => own.children().length === 0)
  await own.start()
  await own.inputIs(input.id, 'open', inactive)
  await own.ok('POST', `/api/inputs/${input.id}/stop`)
  await eventually(10_000, 'the door goes when nobody needs it', () => doorPid(own) === undefined)
})

test('the SRT door is killed: it comes back, publishers too, and what does not pass it notices nothing', async () => {
  const input = await create()
  const witness = await liveInput(weir)
  const { receiver } = await udpOutput(weir, witness.input.id, 'witness')
  const first = await publish(input)
  await weir.inputIs(input.id, 'active', active)
  const before = await eventually(5_000, 'the door', () => doorPid(weir))
  process.kill(before, 'SIGKILL')
  const after = await eventually(20_000, 'another door', () => {
    const pid = doorPid(weir)
    return pid !== before && pid
  })
  expect(after).not.toBe(before)
  expect(await leaves(first)).not.toBe(0)
  await logLine(weir, input, /went away and is started again/)
  const second = await letIn(input)
  await receiver.more(1_000)
  expect(receiver.errors()).toEqual(new Map())
  await Promise.all([witness.feed.stop(), receiver[Symbol.asyncDispose]()])
  await remove(input, second)
}, 120_000)

test('the thread of the doors dies: the SRT door goes with it, both come back, no process is left over', async () => {
  const input = await create()
  const first = await publish(input)
  await weir.inputIs(input.id, 'active', active)
  const before = doorPid(weir)
  await weir.ok('POST', '/api/system/faults', { kill: 'doors' })
  expect(await leaves(first)).not.toBe(0)
  await eventually(20_000, 'another door', () => {
    const pid = doorPid(weir)
    return pid !== before && pid
  })
  expect(weir.children().filter(({ command }) => command.endsWith('srt-door'))).toHaveLength(1)
  const second = await letIn(input)
  await remove(input, second)
}, 120_000)

test('a media worker dies: its publisher is let go, and let in again by its successor; the door stays', async () => {
  const input = await create()
  const first = await publish(input)
  await weir.inputIs(input.id, 'active', active)
  const door = doorPid(weir)
  type Status = { workers: { index: number; inputs: number[] }[] }
  const { workers } = await weir.ok<Status>('GET', '/api/system/status')
  const index = workers.find(({ inputs }) => inputs.includes(input.id))?.index
  await weir.ok('POST', '/api/system/faults', { kill: `media:${index}` })
  expect(await leaves(first)).not.toBe(0)
  const second = await letIn(input)
  expect(doorPid(weir)).toBe(door)
  await remove(input, second)
}, 120_000)
