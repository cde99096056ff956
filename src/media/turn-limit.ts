/** More than the receive buffer holds, so most of it has come while it was being read. */
const MAX_DATAGRAMS = 4_096
const MAX_MS = 100

/**
 * Tells at each datagram whether a socket has kept the thread to itself for too long. Bun reads a UDP socket until it is
 * empty, and no timer and no other socket has its turn meanwhile: a sender faster than it can be read held up everybody for
 * 5 s (measured).
 */
export function createTurnLimit(): (nowMs: number) => boolean {
  let turn: { sinceMs: number; datagrams: number } | null = null
  return (nowMs) => {
    if (!turn) {
      turn = { sinceMs: nowMs, datagrams: 0 }
      setImmediate(() => {
        turn = null
      })
    }
    return ++turn.datagrams > MAX_DATAGRAMS && nowMs - turn.sinceMs > MAX_MS
  }
}
