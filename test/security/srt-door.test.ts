import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createSocket, type Socket } from 'node:dgram'
import { HAVE } from '../support/peers.ts'
import { freeUdpPort } from '../support/ports.ts'
import { memoryBytes, type Program } from '../support/processes.ts'
import type { Input } from '../support/resources.ts'
import { doorPid, logLine, startSrtPublisher, startSrtReceiver } from '../support/srt-peers.ts'
import { active, udpOutput } from '../support/stage.ts'
import type { UdpReceiver } from '../support/udp-receiver.ts'
import { startWeir, type Weir } from '../support/weir.ts'

let weir: Weir
let port: number
let input: Input
let publisher: Program
let receiver: UdpReceiver

beforeAll(async () => {
  weir = await startWeir()
  port = await freeUdpPort()
  const body = { name: 'srt', kind: 'srt_listener', bind_address: '127.0.0.1', srt_port: port, on_loss: 'hold' }
  input = await weir.createInput(body)
  await weir.inputIs(input.id, 'open', ({ status }) => status === 'inactive')
  const { publish_key } = input as Input & { publish_key: string }
  publisher = await startSrtPublisher({ port, streamId: publish_key })
  input = await weir.inputIs(input.id, 'active', active)
  ;({ receiver } = await udpOutput(weir, input.id, 'out'))
})
afterAll(async () => {
  await publisher?.stop()
  await receiver?.[Symbol.asyncDispose]()
  await weir?.[Symbol.asyncDispose]()
})

/** The publisher, its output and the door are the very ones from before, and nothing was lost. */
async function expectUndisturbed(door: number): Promise<void> {
  await receiver.more(1_000)
  expect(receiver.errors()).toEqual(new Map())
  const now = await weir.input(input.id)
  expect([now.status, now.source, now.stats.continuity_errors]).toEqual(['active', input.source, 0])
  expect(doorPid(weir)).toBe(door)
}

test.skipIf(!HAVE.srt)(
  'forty callers with wrong keys at once do not disturb the publisher',
  async () => {
    const door = doorPid(weir) as number
    const strangers = Array.from({ length: 40 }, (_, n) => startSrtReceiver({ port, streamId: `guess-${n}` }))
    await Promise.all(strangers.map(({ program }) => program.exited))
    expect(strangers.map((stranger) => stranger.sizeBytes())).toEqual(strangers.map(() => 0))
    const line = await logLine(weir, input, /stream ID is not the key/)
    expect(line).not.toContain('guess')
    await expectUndisturbed(door)
  },
  90_000,
)

test('20,000 datagrams of noise and of broken handshakes do not disturb it, and cost no memory', async () => {
  const door = doorPid(weir) as number
  const before = memoryBytes(door).rss
  const socket = createSocket('udp4')
  const random = createRandom(4_711)
  for (let n = 0; n < 20_000; n++) {
    await send(socket, n % 2 === 0 ? toNoise(random) : toHandshake(random))
  }
  await new Promise<void>((resolve) => socket.close(resolve))
  await expectUndisturbed(door)
  expect(memoryBytes(door).rss - before).toBeLessThan(40 * 1024 * 1024)
}, 90_000)

const send = (socket: Socket, bytes: Uint8Array) =>
  new Promise<void>((resolve, reject) =>
    socket.send(bytes, port, '127.0.0.1', (error) => (error ? reject(error) : resolve())),
  )

type Random = () => number

const fill = (bytes: Uint8Array, random: Random) => {
  for (let i = 0; i < bytes.length; i++) bytes[i] = random() & 255
  return bytes
}

const toNoise = (random: Random) => fill(new Uint8Array(random() % 1_472), random)

/** An SRT handshake (draft-sharabayko-srt 3.2.1) of which the head is right and some of the rest is not. */
function toHandshake(random: Random): Uint8Array {
  const bytes = fill(new Uint8Array(64 + 4 * (random() % 64)), random)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, 0x80000000)
  // Timestamp and socket id 0: addressed to the listener.
  view.setUint32(12, 0)
  view.setUint32(16, random() % 2 === 0 ? 4 : 5)
  const types = [1, 0xffffffff, 0, 0xfffffffd, random()]
  view.setUint32(36, types[random() % types.length] as number)
  return bytes.subarray(0, random() % 4 === 0 ? random() % bytes.length : bytes.length)
}

/** The same numbers in every run (Park and Miller's minimal standard). */
function createRandom(seed: number): Random {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state
  }
}
