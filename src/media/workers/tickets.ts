import type { Gate } from '../program/program.ts'
import type { Emit } from '../protocol.ts'

/**
 * A worker's side of the spawn gate: every start asks main for a place and waits; an aborted wait gives the place back,
 * and so does a grant that crosses with the abort, which then simply goes unused.
 */
export function createTickets(emit: Emit): {
  gate: Gate
  grant(ticket: number): void
} {
  let last = 0
  const waiting = new Map<number, () => void>()
  return {
    grant: (ticket) => waiting.get(ticket)?.(),
    gate(lastFailedAtMs, signal) {
      signal.throwIfAborted()
      const ticket = ++last
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const aborted = () => {
        waiting.delete(ticket)
        emit('spawn.dropped', { ticket })
        reject(signal.reason)
      }
      signal.addEventListener('abort', aborted, { once: true })
      waiting.set(ticket, () => {
        waiting.delete(ticket)
        signal.removeEventListener('abort', aborted)
        resolve()
      })
      emit('spawn.wanted', { ticket, lastFailedAt: lastFailedAtMs })
      return promise
    },
  }
}
