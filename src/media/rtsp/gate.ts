import { readFileSync } from 'node:fs'
import { connect, isIP, isIPv6, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { toUrlHost } from '../../lib/host.ts'
import { createOutbox } from '../doors/outbox.ts'
import { SYSTEM_CA_FILE } from '../ffmpeg/arguments.ts'
import type { Verdict } from '../ffmpeg/exits.ts'
import type { OutputTarget } from '../specs.ts'
import { toConnectVerdict } from './failure.ts'
import { type Challenge, type Login, type LoginRequest, toChallenge } from '../login.ts'
import { createRtspSplitter } from './splitter.ts'

/** `address`: where its host was found, and where the gate calls. */
type Target = Extract<OutputTarget, { protocol: 'rtsp' }> & { address: string }

export type RtspGate = {
  /** On the loopback, of the server's family, for one connection of this user's. */
  readonly host: string
  readonly port: number
  readonly bytesSent: number
  /** Why the server could not be reached; null where it could, or was not tried. */
  readonly verdict: Verdict | null
  close(): void
}

/** Answers and reports of the server that FFmpeg has not read, where it sends; where it plays the media is among them. */
const WAITING_LIMIT_BYTES = 256 * 1024
const REDIRECTED =
  'The server points to another address, and Weir does not follow by itself. If you know that address, put it in.'

/**
 * Stands between an FFmpeg and its RTSP server, for what FFmpeg 5.1 cannot do: it calls the one address that was
 * looked at and goes nowhere else, whatever the server says; it gives the login without showing it in a command line; for rtsps it
 * looks at the server's certificate. RTP goes through interleaved (RFC 2326 section 10.12), untouched and with back-pressure,
 * or past it by UDP; addresses in requests become the server's.
 */
export function openRtspGate(target: Target, caFile: string | null, waitingLimitBytes = WAITING_LIMIT_BYTES): RtspGate {
  let server: Socket | null = null
  let client: Bun.Socket | null = null
  let verdict: Verdict | null = null
  let challenge: Challenge | null = null
  /** What FFmpeg asked last and the server has not answered. */
  let asked: { request: LoginRequest; message: string; challenged: boolean } | null = null
  const { username, password } = target
  const login: Login | null = username || password ? { username: username ?? '', password: password ?? '' } : null

  // By UDP media comes in the family in which FFmpeg called.
  const ourHost = isIPv6(target.address) ? '::1' : '127.0.0.1'

  const listener = Bun.listen({
    hostname: ourHost,
    port: 0,
    socket: {
      open(socket) {
        if (client || !isOfThisUser(ourHost, socket.remotePort, ourPort)) return void socket.terminate()
        client = socket
        try {
          server = callServer()
        } catch {
          verdict = { class: 'tls', words: 'The file of trusted authorities cannot be read.' }
          close()
        }
      },
      data: (socket, bytes) => {
        if (socket === client) guard(() => fromFfmpeg.push(bytes))
      },
      drain: () => toFfmpeg.drain(),
      close(socket) {
        if (socket === client) server?.destroy()
      },
      error: () => undefined,
    },
  })
  const ourPort = listener.port
  const ours = `rtsp://${toUrlHost(ourHost)}:${ourPort}`
  const theirs = `${target.tls ? 'rtsps' : 'rtsp'}://${toUrlHost(target.host)}:${target.port}`
  const toFfmpeg = createOutbox({ pipe: () => client, limitBytes: waitingLimitBytes, tooMuch: close })

  function callServer(): Socket {
    const { host, address, port, tls, tlsVerify } = target
    const ca = tls && tlsVerify ? readFileSync(caFile ?? SYSTEM_CA_FILE) : null
    const options = {
      host: address,
      port,
      rejectUnauthorized: tlsVerify,
      ...(ca && { ca }),
      ...(isIP(host) ? {} : { servername: host }),
    }
    const socket = tls ? connectTls(options) : connect({ host: address, port })
    socket.setNoDelay(true)
    socket.on('data', (bytes: Buffer) => guard(() => fromServer.push(bytes)))
    socket.on('drain', () => client?.resume())
    let stands = false
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      stands = true
    })
    // What goes wrong once it stands FFmpeg tells itself.
    socket.on('error', (error) => {
      if (!stands) verdict ??= toConnectVerdict(error)
    })
    socket.once('close', () => client?.end())
    return socket
  }

  function toServer(bytes: Uint8Array): void {
    if (server && !server.destroyed && !server.write(bytes)) client?.pause()
  }

  function ask(): void {
    if (!asked) return
    const { request, message } = asked
    const answer = challenge?.answer(request)
    // The login may hold more than latin1.
    const authorization = answer ? `Authorization: ${Buffer.from(answer).toString('latin1')}\r\n` : ''
    const headers = message.indexOf('\r\n') + 2
    toServer(Buffer.from(message.slice(0, headers) + authorization + message.slice(headers), 'latin1'))
  }

  const fromFfmpeg = createRtspSplitter({
    data: toServer,
    message(bytes) {
      // latin1 keeps every byte as it is, in the body too.
      const [line = '', ...rest] = bytes.toString('latin1').split('\r\n')
      const [method = '', address = ''] = line.split(' ')
      const uri = address.startsWith(ours) ? theirs + address.slice(ours.length) : address
      asked = {
        request: { method, uri },
        message: [`${method} ${uri} RTSP/1.0`, ...rest].join('\r\n'),
        challenged: false,
      }
      ask()
    },
  })

  const fromServer = createRtspSplitter({
    data: (bytes) => void toFfmpeg.write(bytes),
    message(bytes) {
      const head = bytes.toString('latin1')
      if (/^RTSP\/1\.\d 3\d\d /.test(head)) return turnAway(REDIRECTED)
      const isChallenge = /^RTSP\/1\.\d 401 /.test(head) && asked && !asked.challenged && login
      if (isChallenge && asked) {
        const offers = [...head.matchAll(/^www-authenticate:\s*(.*?)\s*$/gim)].map((match) => match[1] ?? '')
        challenge = toChallenge(offers, login)
        asked.challenged = true
        if (challenge) return ask()
      }
      const isSetup = asked?.request.method === 'SETUP'
      asked = null
      void toFfmpeg.write(isSetup ? Buffer.from(toSourced(head, target.address), 'latin1') : bytes)
    },
  })

  function guard(work: () => void): void {
    try {
      work()
    } catch {
      turnAway('What answers on this port does not speak RTSP. Check the port.')
    }
  }

  function turnAway(words: string): void {
    verdict ??= { class: 'rejected', words }
    close()
  }

  function close(): void {
    listener.stop(true)
    toFfmpeg.close()
    server?.destroy()
  }

  return {
    host: ourHost,
    port: ourPort,
    get bytesSent() {
      return server?.bytesWritten ?? 0
    },
    get verdict() {
      return verdict
    },
    close,
  }
}

/**
 * The answer to a SETUP, its media by UDP at the server's own address (RFC 2326 section 12.39, `source`): FFmpeg would send its
 * reports to the gate, or to wherever the server says. Interleaved media has no such thing.
 */
function toSourced(head: string, address: string): string {
  return head.replace(/^(transport:)(.*)$/im, (line, name: string, value: string) => {
    if (!/client_port=/i.test(value)) return line
    return `${name}${value.trimEnd().replace(/;source=[^;,]*/gi, '')};source=${address}`
  })
}

/**
 * Whether the other end of a loopback connection belongs to this user (proc(5): `/proc/net/tcp`, uid). Where the kernel
 * does not say, it is taken for ours: the port is a moment old, and only our child was told of it.
 */
function isOfThisUser(ourHost: string, remotePort: number, port: number): boolean {
  const [table, loopback] =
    ourHost === '::1' ? (['tcp6', '00000000000000000000000001000000'] as const) : (['tcp', '0100007F'] as const)
  const hex = (value: number) => value.toString(16).toUpperCase().padStart(4, '0')
  const theirs = ` ${loopback}:${hex(remotePort)} ${loopback}:${hex(port)} `
  const line = readConnections(table)?.find((each) => each.includes(theirs))
  return line === undefined || line.trim().split(/\s+/)[7] === String(process.getuid?.())
}

function readConnections(table: 'tcp' | 'tcp6'): string[] | null {
  try {
    return readFileSync(`/proc/net/${table}`, 'latin1').split('\n')
  } catch {
    // Some containers hide it.
    return null
  }
}
