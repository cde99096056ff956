import { isIPv6 } from 'node:net'
import type { OutputSpec, OutputTarget } from '../specs.ts'
import type { Format } from '../program/units.ts'
import { decoderArguments, streamArguments } from './streams.ts'

/** Debian's bundle of trust anchors. */
export const SYSTEM_CA_FILE = '/etc/ssl/certs/ca-certificates.crt'
/** The kernel's buffer of a UDP output, bytes: holds a keyframe's burst. */
const UDP_BUFFER_BYTES = 1_048_576
/** A peer that takes nothing for this long ends FFmpeg, microseconds. */
const RW_TIMEOUT_US = 8_000_000
const SRT_CONNECT_TIMEOUT_MS = 5_000
/** Longest value FFmpeg reads from a preset line without printing it (its line buffer is 1,000 bytes). */
const MAX_SECRET_BYTES = 512

export type Command = {
  args: string[]
  /** What goes on descriptor 3: lines of `option=value`; null where nothing is secret. */
  preset: string | null
}

/** What stands before every output: the program's transport stream on stdin, progress on stdout, warnings on stderr. */
const HEAD = [
  '-hide_banner',
  '-nostdin',
  ...['-loglevel', 'repeat+level+warning', '-nostats', '-progress', 'pipe:1', '-stats_period', '0.5'],
  // The stream begins at a keyframe behind its tables. Half a second bears sound that comes up to 0.7 s behind the
  // picture; with less of it FFmpeg gives up on such a feed, and the first byte leaves only 20 ms sooner (measured).
  ...['-fflags', '+genpts', '-probesize', '1000000', '-analyzeduration', '500000'],
]
const INPUT = ['-f', 'mpegts', '-i', 'pipe:0']

export type CommandFacts = {
  /** What the program carries; null until that is known. */
  format: Format | null
  /** Trust anchors instead of the system's. */
  caFile: string | null
  /** The door's socket for this listener; null: FFmpeg listens itself, for one caller at a time. */
  mediaPath: string | null
  /** Where the host of the target was found; null: the host as it stands. Certificates are made out to names, so with TLS the name stays. */
  address: string | null
  /** The gate before an RTSP server, which knows its address, the login and the certificate. */
  gate: { host: string; port: number } | null
}

/**
 * The arguments of one output's FFmpeg, made only from the parts of its target, and the secrets that must not stand
 * among them. Secrets go through `-fpre /dev/fd/3`: an FFmpeg preset file, one `option=value` a line. Throws for a value
 * that could break out of its line.
 */
export function buildOutputCommand(spec: OutputSpec, facts: CommandFacts): Command {
  const secrets = secretOptions(spec.target, facts)
  const preset = secrets.map(([key, value]) => `${key}=${assertSafe(value)}\n`).join('')
  return {
    args: [
      ...HEAD,
      ...decoderArguments(spec),
      ...INPUT,
      ...streamArguments(spec, facts.format),
      ...(preset ? ['-fpre', '/dev/fd/3'] : []),
      ...['-protocol_whitelist', protocolsOf(spec.target, facts)],
      ...targetArguments(spec.target, facts),
    ],
    preset: preset || null,
  }
}

/** Every text of a target that must never be shown. */
export function secretsOf(target: OutputTarget): (string | null)[] {
  switch (target.protocol) {
    case 'udp':
      return []
    case 'srt_caller':
      return [target.passphrase, target.streamId]
    case 'rtmp':
      return [target.streamKey, target.username, target.password]
    case 'rtsp':
      return [target.username, target.password]
    case 'srt_listener':
      return [target.passphrase, target.streamId]
  }
}

function secretOptions(target: OutputTarget, { mediaPath, address }: CommandFacts): [string, string][] {
  const options: [string, string][] = []
  // The door asks its callers for the passphrase itself; the stream id of a caller is nothing FFmpeg could look at.
  const isOwnListener = target.protocol === 'srt_listener' && mediaPath === null
  if ((target.protocol === 'srt_caller' || isOwnListener) && target.passphrase)
    options.push(['passphrase', target.passphrase])
  if (target.protocol === 'srt_caller' && target.streamId) options.push(['srt_streamid', target.streamId])
  if (target.protocol === 'rtmp') {
    // An empty value is no line of a preset; the address then has no application either.
    if (target.app) options.push(['rtmp_app', assertApp(target.app)])
    // Servers with several names tell them apart by the address that the client says it called.
    if (!target.tls && address !== null && address !== target.host)
      options.push(['rtmp_tcurl', `rtmp://${hostOf(target.host)}:${target.port}/${target.app}`])
    const playpath = playpathOf(target)
    if (playpath) options.push(['rtmp_playpath', playpath])
  }
  return options
}

/**
 * The stream's name with its login. FFmpeg's own login (Adobe's, answered to the server's challenge) can only be given
 * in the address, where every user of the machine could read it; so user and password travel as the query of the name,
 * as MediaMTX and the `on_publish` hooks of nginx-rtmp and SRS read them.
 */
function playpathOf(target: Extract<OutputTarget, { protocol: 'rtmp' }>): string {
  const key = target.streamKey ?? ''
  const login = [
    ...(target.username ? [`user=${encodeURIComponent(target.username)}`] : []),
    ...(target.password ? [`pass=${encodeURIComponent(target.password)}`] : []),
  ].join('&')
  return login ? `${key}${key.includes('?') ? '&' : '?'}${login}` : key
}

/** What FFmpeg may speak to reach a target, whatever its address says: the protocol and those that carry it. */
function protocolsOf(target: OutputTarget, { mediaPath }: CommandFacts): string {
  switch (target.protocol) {
    case 'udp':
      return 'udp'
    case 'srt_caller':
      return 'srt'
    case 'srt_listener':
      return mediaPath === null ? 'srt' : 'unix'
    case 'rtmp':
      return target.tls ? 'rtmps,tls,tcp' : 'rtmp,tcp'
    case 'rtsp':
      return target.transport === 'udp' ? 'tcp,rtp,udp' : 'tcp'
  }
}

function targetArguments(target: OutputTarget, { caFile, mediaPath, gate, address }: CommandFacts): string[] {
  if (target.protocol === 'srt_listener') return listenerArguments(target, mediaPath)
  const keepsName = 'tls' in target && target.tls
  const server = `${hostOf((keepsName ? null : address) ?? target.host)}:${target.port}`
  switch (target.protocol) {
    case 'udp': {
      const query = [`pkt_size=${target.pktSize}`, `buffer_size=${UDP_BUFFER_BYTES}`]
      if (target.ttl !== null) query.push(`ttl=${target.ttl}`)
      if (target.interfaceAddress !== null) query.push(`localaddr=${encodeURIComponent(target.interfaceAddress)}`)
      return ['-f', 'mpegts', `udp://${server}?${query.join('&')}`]
    }
    case 'srt_caller':
      return [
        ...['-f', 'mpegts', '-mode', 'caller', '-latency', String(target.latencyMs * 1_000)],
        ...['-connect_timeout', String(SRT_CONNECT_TIMEOUT_MS), '-pkt_size', String(target.pktSize)],
        ...(target.passphrase ? ['-pbkeylen', '16'] : []),
        `srt://${server}`,
      ]
    case 'rtmp':
      return [
        ...['-f', 'flv', '-flvflags', 'no_duration_filesize', '-rw_timeout', String(RW_TIMEOUT_US)],
        ...(target.tls && target.tlsVerify ? ['-tls_verify', '1', '-ca_file', caFile ?? SYSTEM_CA_FILE] : []),
        // Application and stream name come from the preset; a path here would only name the application twice.
        `${target.tls ? 'rtmps' : 'rtmp'}://${server}/`,
      ]
    case 'rtsp':
      return ['-f', 'rtsp', '-rtsp_transport', target.transport, rtspAddress(target, gate)]
  }
}

function listenerArguments(
  target: Extract<OutputTarget, { protocol: 'srt_listener' }>,
  mediaPath: string | null,
): string[] {
  if (mediaPath !== null) return ['-f', 'mpegts', `unix:${mediaPath}`]
  return [
    ...['-f', 'mpegts', '-mode', 'listener', '-latency', String(target.latencyMs * 1_000)],
    ...['-pkt_size', String(target.pktSize), ...(target.passphrase ? ['-pbkeylen', '16'] : [])],
    `srt://0.0.0.0:${target.port}`,
  ]
}

function rtspAddress(target: Extract<OutputTarget, { protocol: 'rtsp' }>, gate: CommandFacts['gate']): string {
  const path = assertPath(target.path)
  for (const text of [target.username, target.password]) assertSafe(text ?? '')
  if (!gate) throw new Error('there is no way to an RTSP server but through its gate')
  return `rtsp://${hostOf(gate.host)}:${gate.port}/${path}`
}

/** What stands behind the host in an address: printable ASCII without blanks (RFC 3986 section 2). */
function assertPath(path: string): string {
  if (!/^[!-~]*$/.test(path)) throw new Error('the path has characters that must be percent-encoded')
  return path
}

/** A host as it stands in an address (RFC 3986 section 3.2.2): IPv6 in brackets. Throws for what is no host at all. */
function hostOf(host: string): string {
  if (isIPv6(host)) return `[${host}]`
  if (!/^[A-Za-z0-9_][A-Za-z0-9._-]{0,252}$/.test(host))
    throw new Error('the host name has characters that no host name has')
  return host
}

/** FFmpeg's RTMP refuses longer ones (APP_MAX_LENGTH of rtmpproto.c, with its final zero). */
function assertApp(app: string): string {
  if (Buffer.byteLength(app) > 127) throw new Error('the application name is longer than 127 bytes')
  return app
}

/** A preset is read line by line: a line break inside a value would be one more option. */
function assertSafe(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  if (/[\u0000-\u001f\u007f]/.test(value)) throw new Error('a secret has a control character')
  if (Buffer.byteLength(value) > MAX_SECRET_BYTES) throw new Error('a secret is longer than 512 bytes')
  return value
}
