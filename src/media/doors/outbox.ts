/** What of a socket an outbox needs; Bun's sockets have it. */
export type Pipe = { write(bytes: Uint8Array): number }

/** Bytes on their way into one socket: what it does not take at once waits here, in order. */
export type Outbox = {
  /** Null = taken; a Promise = waiting, and it resolves when all is taken or the outbox is closed. */
  write(bytes: Uint8Array): Promise<void> | null
  /** To be called when the socket is open and whenever it has room again. */
  drain(): void
  readonly waitingBytes: number
  /** Drops what waits. */
  close(): void
}

/**
 * A bounded outbox. `tooMuch` is called once when more than `limitBytes` wait: whoever writes did not keep to the
 * promises, or the other end reads nothing, and the connection is of no more use.
 */
export function createOutbox(deps: { pipe(): Pipe | null; limitBytes: number; tooMuch(): void }): Outbox {
  let waiting: Uint8Array[] = []
  let waitingBytes = 0
  let room: PromiseWithResolvers<void> | null = null
  let closed = false

  /** How much of it the socket took; a closed one takes nothing, and says so by its close. */
  const push = (bytes: Uint8Array) => Math.max(0, deps.pipe()?.write(bytes) ?? 0)

  function settle(): void {
    room?.resolve()
    room = null
  }

  function close(): void {
    closed = true
    waiting = []
    waitingBytes = 0
    settle()
  }

  return {
    write(bytes) {
      if (closed) return null
      const taken = waitingBytes > 0 ? 0 : push(bytes)
      if (taken === bytes.length) return null
      // A copy: what comes in is often a part of a buffer that its owner uses again.
      waiting.push(new Uint8Array(bytes.subarray(taken)))
      waitingBytes += bytes.length - taken
      room ??= Promise.withResolvers<void>()
      const { promise } = room
      if (waitingBytes > deps.limitBytes) {
        close()
        deps.tooMuch()
      }
      return promise
    },
    drain() {
      while (waiting[0]) {
        const taken = push(waiting[0])
        waitingBytes -= taken
        if (taken < waiting[0].length) {
          waiting[0] = waiting[0].subarray(taken)
          return
        }
        waiting.shift()
      }
      settle()
    },
    get waitingBytes() {
      return waitingBytes
    },
    close,
  }
}
