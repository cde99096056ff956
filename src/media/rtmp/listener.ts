import { readFileSync, statSync } from 'node:fs'
import type { Clock } from '../../lib/clock.ts'
import { createBindPatience } from '../input/bind-patience.ts'

export type TlsFiles = { certFile: string; keyFile: string }
type TlsPair = { cert: Buffer; key: Buffer }

export type ListenerEvents = {
  listening(): void
  /** Tried again by itself in `retryInMs`; `lasting` once that has gone on for 5 s. */
  failed(error: Error & { code?: string }, retryInMs: number, lasting: boolean): void
  /** A certificate that was changed on disk cannot be used; the one before it goes on. */
  notRenewed(error: Error): void
}

export type Listener = {
  readonly isOpen: boolean
  /** What is connected stays so. */
  close(): void
}

/** How soon a certificate that was renewed on disk is used. */
const CERTIFICATE_CHECK_MS = 10_000

/** A TCP port, plain or TLS, opened with patience as a UDP input's is. Its certificate may be renewed at any time. */
export function createListener<Data>(
  o: {
    host: string
    port: number
    tls: TlsFiles | null
    clock: Clock
    socket: Bun.SocketHandler<Data>
  } & ListenerEvents,
): Listener {
  const { clock } = o
  let listener: Bun.TCPSocketListener<Data> | null = null
  let pair: TlsPair | null = null
  let stamp = ''
  const patience = createBindPatience(clock, open)

  function listen(tls: TlsPair | null): void {
    listener = Bun.listen<Data>({ hostname: o.host, port: o.port, socket: o.socket, ...(tls && { tls }) })
  }

  function open(): void {
    try {
      if (o.tls) {
        stamp = stampOf(o.tls)
        pair = readPair(o.tls)
      }
      listen(pair)
      o.listening()
    } catch (error) {
      const { retryInMs, lasting } = patience.again()
      o.failed(error as Error, retryInMs, lasting)
    }
  }
  open()

  /** Opens the port anew with what is on disk now; with what it had before where that is no good. */
  function renew(files: TlsFiles): void {
    if (!listener) return
    const now = stampOf(files)
    if (now === stamp) return
    stamp = now
    try {
      const next = readPair(files)
      listener.stop()
      listen(next)
      pair = next
    } catch (error) {
      o.notRenewed(error as Error)
      listen(pair)
    }
  }
  const { tls } = o
  const stopCheck = tls && clock.every(CERTIFICATE_CHECK_MS, () => renew(tls))

  return {
    get isOpen() {
      return listener !== null
    },
    close() {
      patience.end()
      stopCheck?.()
      listener?.stop()
      listener = null
    },
  }
}

const readPair = (files: TlsFiles): TlsPair => ({
  cert: readFileSync(files.certFile),
  key: readFileSync(files.keyFile),
})

/** Changes with the files. */
const stampOf = (files: TlsFiles): string =>
  [files.certFile, files.keyFile].map((path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0).join(' ')
