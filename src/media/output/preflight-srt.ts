import type { Preflight } from '../actual.ts'

const LIMIT_MS = 5_000
const RESEND_MS = 250

// draft-sharabayko-srt-01, section 3.2.1 (handshake) and 4.3.1.1 (induction).
const HEADER_BYTES = 16
const HANDSHAKE_BYTES = 48
const CONTROL_HANDSHAKE = 0x8000
const VERSION_4 = 4
const LEGACY_DATAGRAM = 2
const INDUCTION = 1
const MTU_BYTES = 1_500
const FLOW_WINDOW = 8_192

/**
 * Knocks at an SRT listener with the first packet of a handshake, which a listener answers with a cookie and keeps
 * nothing of: nobody goes live, and no stream id or passphrase is tried.
 */
export async function reachSrt(
  address: string,
  port: number,
  signal: AbortSignal,
): Promise<NonNullable<Preflight['reached']>> {
  const late = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)])
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const ourId = 1 + Math.floor(Math.random() * 0x3fff_ffff)
  const startedAtMs = performance.now()
  const unreachable = { ok: false, words: 'This address cannot be reached from here.', ms: null }
  const socket = await Bun.udpSocket({
    connect: { hostname: address, port },
    socket: {
      data: (_, bytes) => {
        if (isAnswer(bytes, ourId)) resolve(true)
      },
      // A closed port (ICMP): there may be a listener a moment later, so only the time limit ends it.
      error: () => undefined,
    },
  }).catch(() => null)
  if (!socket) return unreachable
  const knock = () => {
    try {
      socket.send(toInduction(ourId))
    } catch {
      // The answer to the last one: a closed port.
    }
  }
  knock()
  const timer = setInterval(knock, RESEND_MS)
  const stop = () => resolve(false)
  if (late.aborted) stop()
  late.addEventListener('abort', stop, { once: true })
  try {
    if (await promise) return { ok: true, words: 'It answers.', ms: Math.round(performance.now() - startedAtMs) }
    const words = 'Nobody answers as SRT does. The receiver may be down, or the port is wrong or closed.'
    return { ok: false, words, ms: null }
  } finally {
    clearInterval(timer)
    late.removeEventListener('abort', stop)
    socket.close()
  }
}

function toInduction(ourId: number): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + HANDSHAKE_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, CONTROL_HANDSHAKE)
  view.setUint32(16, VERSION_4)
  view.setUint16(22, LEGACY_DATAGRAM)
  view.setUint32(24, Math.floor(Math.random() * 0x7fff_ffff))
  view.setUint32(28, MTU_BYTES)
  view.setUint32(32, FLOW_WINDOW)
  view.setUint32(36, INDUCTION)
  view.setUint32(40, ourId)
  return bytes
}

/** A listener answers to our socket id, with a cookie. */
function isAnswer(bytes: Uint8Array, ourId: number): boolean {
  if (bytes.length < HEADER_BYTES + HANDSHAKE_BYTES) return false
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const isHandshake = view.getUint16(0) === CONTROL_HANDSHAKE && view.getUint32(36) === INDUCTION
  return isHandshake && view.getUint32(12) === ourId && view.getUint32(44) !== 0
}
