import type { Clock } from '../../lib/clock.ts'
import { connectDoor, type Link } from './link.ts'
import type { FromDoor, Registration, ToDoor } from './messages.ts'

export type RegistrationHandlers = {
  onControl(control: FromDoor): void
  /** While an answered Promise is open nothing more is read. */
  onMedia(bytes: Uint8Array): Promise<unknown> | null
  /** The door is gone, and with it whoever was behind it; another is looked for. Only after something was heard of it. */
  onLost(): void
  /** No door has been found for so long that somebody should know; said once, until one is there again. */
  onMissing(): void
}

export type Registered = {
  send(control: ToDoor): void
  media(bytes: Uint8Array): Promise<void> | null
  /** Ends the registration; nothing is called afterwards. */
  close(): void
}

const RETRY_MS = 250
const PATIENCE_MS = 5_000

/**
 * Keeps one registration at a door for as long as it is not closed: a door may start later than its clients, and one that
 * dies is followed by another under the same path.
 */
export function keepRegistered(
  deps: { path: string; clock: Clock; register: Registration } & RegistrationHandlers,
): Registered {
  const { clock } = deps
  let link: Link<ToDoor> | null = null
  let cancelRetry: (() => void) | null = null
  let closed = false
  let missingSinceMs = clock.now()
  let told = false

  function connect(): void {
    let heard = false
    link = connectDoor(deps.path, {
      onControl(control) {
        if (closed) return
        heard = true
        told = false
        deps.onControl(control)
      },
      onMedia: (bytes) => (closed ? null : deps.onMedia(bytes)),
      onClose() {
        link = null
        if (closed) return
        if (heard) {
          missingSinceMs = clock.now()
          deps.onLost()
        }
        if (!told && clock.now() - missingSinceMs >= PATIENCE_MS) {
          told = true
          deps.onMissing()
        }
        cancelRetry = clock.after(RETRY_MS, connect)
      },
    })
    link.send(deps.register)
  }
  connect()

  return {
    send: (control) => link?.send(control),
    media: (bytes) => link?.media(bytes) ?? null,
    close() {
      closed = true
      cancelRetry?.()
      link?.close()
    },
  }
}
