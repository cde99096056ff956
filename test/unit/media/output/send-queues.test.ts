import { describe, expect, test } from 'bun:test'
import { connect, createServer } from 'node:net'
import {
  addQueue,
  createSendQueue,
  readSendQueues,
  readSocketInodes,
} from '../../../../src/media/output/send-queues.ts'

const LINE =
  '   3: 0100007F:A1B2 0100007F:078F 01 00007D00:00000000 01:00000014 00000000  1000        0 4711 2 0000000000000000 20 4 30 10 -1'

describe('send queues', () => {
  test('a line of /proc/net/tcp', () => {
    const queues = new Map<number, number>()
    for (const line of [LINE, '', '  sl  local_address rem_address']) addQueue(queues, line)
    expect(queues).toEqual(new Map([[4711, 32_000]]))
  })

  test('what a real peer does not read is held by the kernel, and found by the inode', async () => {
    const server = createServer((socket) => socket.pause())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    if (address === null || typeof address === 'string') return expect.unreachable()
    const client = connect(address.port, '127.0.0.1')
    await new Promise<void>((resolve) => client.once('connect', resolve))
    const held = async () => {
      const queues = await readSendQueues()
      return readSocketInodes(process.pid).reduce((sum, inode) => sum + (queues.get(inode) ?? 0), 0)
    }
    const before = await held()
    // More than both ends of the kernel take together.
    client.write(Buffer.alloc(16 * 1024 * 1024))
    expect(await held()).toBeGreaterThan(before + 100_000)
    client.destroy()
    server.close()
  })

  test('time stands still while nothing is taken', () => {
    const queue = createSendQueue(process.pid)
    const [inode] = readSocketInodes(process.pid)
    queue.sample(new Map(), 5_000, 0)
    expect(queue).toMatchObject({ bytes: null, takenAtMs: null })
    if (inode === undefined) return
    queue.sample(new Map([[inode, 1_000]]), 5_000, 1_000)
    expect(queue).toMatchObject({ bytes: 1_000, takenAtMs: 1_000 })
    queue.sample(new Map([[inode, 3_000]]), 7_000, 2_000)
    expect(queue).toMatchObject({ bytes: 3_000, takenAtMs: 1_000 })
    queue.sample(new Map([[inode, 2_500]]), 7_000, 3_000)
    expect(queue.takenAtMs).toBe(3_000)
  })
})
