import { readFile } from 'node:fs/promises'
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Preflight } from '../actual.ts'
import { SYSTEM_CA_FILE } from '../ffmpeg/arguments.ts'

type Reached = NonNullable<Preflight['reached']>
type Failure = { code?: string; message: string }

const CONNECT_LIMIT_MS = 5_000
const TLS_LIMIT_MS = 5_000

const CERTIFICATE_WORDS: Record<string, string> = {
  CERT_HAS_EXPIRED: "The server's certificate has expired.",
  CERT_NOT_YET_VALID: "The server's certificate is not valid yet. Check the clocks.",
  ERR_TLS_CERT_ALTNAME_INVALID: "The server's certificate belongs to another name. Check the address.",
}
const UNTRUSTED = /SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|CERT_UNTRUSTED|UNSPECIFIED/

/** Connects and lets go again; no byte is sent. */
export async function reachTcp(address: string, port: number, signal: AbortSignal): Promise<Reached> {
  const startedAtMs = performance.now()
  const failure = await settled(connect({ host: address, port }), 'connect', CONNECT_LIMIT_MS, signal)
  const ms = Math.round(performance.now() - startedAtMs)
  return failure ? { ok: false, words: toTcpWords(failure, port), ms: null } : { ok: true, words: 'It answers.', ms }
}

/** UDP answers nobody: all that can be told is whether there is a way there. */
export async function reachUdp(address: string, port: number): Promise<Reached> {
  try {
    // Connecting a UDP socket asks the routing table and sends nothing (udp(7)).
    const socket = await Bun.udpSocket({ connect: { hostname: address, port } })
    socket.close()
    return {
      ok: true,
      words: 'There is a way there. UDP receivers do not answer, so nobody may be listening.',
      ms: null,
    }
  } catch {
    return {
      ok: false,
      words: 'This address cannot be reached from here. Check the address and the network.',
      ms: null,
    }
  }
}

/** Makes a TLS connection and looks at the certificate, against the same trust anchors as FFmpeg. */
export async function checkTls(
  target: { host: string; port: number; tlsVerify: boolean },
  address: string,
  caFile: string | null,
  signal: AbortSignal,
): Promise<NonNullable<Preflight['tls']>> {
  const ca = await readFile(caFile ?? SYSTEM_CA_FILE).catch(() => null)
  if (!ca && target.tlsVerify) return { ok: false, words: 'The file of trusted authorities cannot be read.' }
  const socket = connectTls({
    host: address,
    port: target.port,
    rejectUnauthorized: target.tlsVerify,
    ...(ca ? { ca } : {}),
    // An address is no server name (RFC 6066 section 3).
    ...(isIP(target.host) ? {} : { servername: target.host }),
  })
  const failure = await settled(socket, 'secureConnect', TLS_LIMIT_MS, signal)
  if (failure) return { ok: false, words: toTlsWords(failure) }
  const words = target.tlsVerify
    ? 'The certificate is good.'
    : 'A secure connection is made. Its certificate is not checked.'
  return { ok: true, words }
}

/** Null once the event has come, else what went wrong; the socket is gone either way. */
function settled(socket: Socket, event: string, limitMs: number, signal: AbortSignal): Promise<Failure | null> {
  const late = AbortSignal.any([signal, AbortSignal.timeout(limitMs)])
  return new Promise((resolve) => {
    const end = (failure: Failure | null) => {
      late.removeEventListener('abort', stop)
      socket.destroy()
      resolve(failure)
    }
    const stop = () => end({ code: 'ETIMEDOUT', message: 'no answer' })
    if (late.aborted) stop()
    late.addEventListener('abort', stop, { once: true })
    socket.once(event, () => end(null))
    // A destroyed socket may still complain; it has been heard.
    socket.on('error', end)
    socket.once('close', () => end({ code: 'ECONNRESET', message: 'closed' }))
  })
}

function toTcpWords({ code }: Failure, port: number): string {
  switch (code) {
    case 'ECONNREFUSED':
      return `Nothing listens on port ${port} there. The server may be down, or the port is wrong.`
    case 'ETIMEDOUT':
      return 'Nobody answers. A firewall may be in the way, or the address is wrong.'
    default:
      return 'This address cannot be reached from here. Check the address and the network.'
  }
}

/** In words for people; takes what a TLS socket complained of. */
export function toTlsWords({ code = '', message }: Failure): string {
  const known = CERTIFICATE_WORDS[code]
  if (known) return known
  if (UNTRUSTED.test(`${code} ${message}`))
    return "The server's certificate is not trusted: nobody that Weir trusts has signed it."
  return 'No secure connection could be made. The server may not speak TLS on this port.'
}
