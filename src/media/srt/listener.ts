import type { Clock } from '../../lib/clock.ts'
import { createBindPatience } from '../input/bind-patience.ts'
import type { SrtLinkSocket, SrtListenOptions, SrtSockets } from './sockets.ts'

/** Callers taken in one second; more wait in libsrt's backlog, which turns away what it cannot hold. */
const CALLERS_PER_SECOND = 50

export type SrtListener = { close(): void }

/** One port of ours, bound with patience, and its callers as they come. */
export function createSrtListener(deps: {
  sockets: SrtSockets
  clock: Clock
  options: SrtListenOptions
  listening(): void
  /** It cannot be bound and is tried again at `retryAt` (wall clock). */
  blocked(code: string, words: string, retryAt: number): void
  /** The receiver owns the link from here on. */
  called(link: SrtLinkSocket): void
}): SrtListener {
  const { sockets, clock, options } = deps
  const patience = createBindPatience(clock, bind)
  let listener: ReturnType<SrtSockets['listen']> | null = null
  let secondEndsMs = 0
  let taken = 0

  function bind(): void {
    try {
      listener = sockets.listen(options)
      if (!sockets.watch(listener.handle, accept)) throw new Error('the port was lost as soon as it was bound')
      deps.listening()
    } catch (error) {
      listener?.close()
      listener = null
      const { retryInMs, lasting } = patience.again()
      if (lasting) deps.blocked(toCode(error), toWords(error, options), clock.wall() + retryInMs)
    }
  }

  function accept(): void {
    const nowMs = clock.now()
    if (nowMs >= secondEndsMs) {
      secondEndsMs = nowMs + 1_000
      taken = 0
    }
    while (listener && taken < CALLERS_PER_SECOND) {
      const link = listener.accept()
      if (!link) return
      taken++
      deps.called(link)
    }
  }

  bind()
  return {
    close() {
      patience.end()
      listener?.close()
      listener = null
    },
  }
}

const codeOf = (error: unknown) => (error as { code?: string }).code

const toCode = (error: unknown) => (codeOf(error) === 'EADDRINUSE' ? 'input.port_taken' : 'input.cannot_listen')

function toWords(error: unknown, { address, port }: SrtListenOptions): string {
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return `UDP port ${port} is taken by another program on this machine. Weir tries again every 10 s.`
    case 'EADDRNOTAVAIL':
      return `This machine has no address ${address}. Choose another bind address; Weir tries again every 10 s.`
    case 'EACCES':
      return `Weir is not allowed to use UDP port ${port}. Ports under 1024 need more rights.`
    default:
      return `UDP port ${port} cannot be opened. Weir tries again every 10 s.`
  }
}
