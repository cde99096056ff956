import { connect, createServer, type Socket } from 'node:net'

export type TcpTap = AsyncDisposable & {
  port: number
  /** How many connections were made through it. */
  connections(): number
  /** Longest silence in milliseconds between two pieces of what the caller sent, since the last call. */
  longestGapMs(): number
}

/** Stands before a TCP server of this machine and hears when what it gets arrives there. */
export async function openTcpTap(target: number): Promise<TcpTap> {
  const open = new Set<Socket>()
  let connections = 0
  let lastAt: number | null = null
  let longestGapMs = 0

  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1')
    connections++
    lastAt = null
    near.on('data', () => {
      const now = performance.now()
      if (lastAt !== null) longestGapMs = Math.max(longestGapMs, now - lastAt)
      lastAt = now
    })
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(socket)
      socket.pipe(other)
      // A connection that breaks on one side breaks on the other.
      socket.on('error', () => other.destroy())
      socket.on('close', () => open.delete(socket))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the tap has no port')

  return {
    port: address.port,
    connections: () => connections,
    longestGapMs() {
      const gap = longestGapMs
      longestGapMs = 0
      return gap
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of open) socket.destroy()
      await closed
    },
  }
}
