import { toUrlHost } from '../../lib/host.ts'
import { createMask } from '../mask.ts'
import type { InputSource } from '../specs.ts'
import { INGEST_COPY, INGEST_HEAD, INGEST_TAIL, type IngestCommand } from './ingest.ts'

type Of<K extends InputSource['kind']> = Extract<InputSource, { kind: K }>

const SRT_CONNECT_TIMEOUT_MS = 5_000
const RTSP_TIMEOUT_US = 8_000_000
const HTTP_TIMEOUT_US = 10_000_000
const SILENCE_LIMIT_MS = 10_000
/** Segments may be 10 s long, and the first comes after up to three requests. */
const HLS_SILENCE_LIMIT_MS = 30_000

/*
 * Nothing of an address stands among the arguments: FFmpeg reads a list of one file, with its address and options, from
 * descriptor 3 (ffconcat, FFmpeg formats manual 3.5). The whitelist inside the list leaves out `pipe`, so whatever the
 * other side sends can lead nowhere but to its own kind of connection.
 */

/**
 * The first picture comes without a time where pictures are not sent in the order in which they are shown (FFmpeg 5.1: RTP has
 * no decoding times), and a picture without one ends FFmpeg. It is given one just before the next.
 */
const FIRST_TIME = ['-bsf:v', 'setts=pts=if(eq(PTS\\,NOPTS)\\,NEXT_PTS-0.12/TB\\,PTS)']

/** Calls an SRT listener. Remuxed, so of several programs there is one picture, the first. Throws for settings that cannot be written. */
export function srtCommand(source: Of<'srt_caller'>): IngestCommand {
  const options: [string, string][] = [
    ['latency', String(source.latencyMs * 1_000)],
    ['connect_timeout', String(SRT_CONNECT_TIMEOUT_MS)],
    ...(source.passphrase ? [['passphrase', source.passphrase] as [string, string]] : []),
    ...(source.streamId ? [['streamid', source.streamId] as [string, string]] : []),
    ['probesize', '1000000'],
    ['analyzeduration', '500000'],
  ]
  const url = `srt://${toUrlHost(source.host)}:${source.port}`
  return listCommand('srt_caller', url, options, ['srt', 'udp'], [source.passphrase, source.streamId])
}

/**
 * Awaits one SRT caller in the place of the door, where there is no libsrt for that; ends when it leaves. FFmpeg looks at
 * neither its stream id nor its address.
 */
export function srtListenCommand(source: Of<'srt_listener'>): IngestCommand {
  const options: [string, string][] = [
    ['mode', 'listener'],
    ['latency', String(source.latencyMs * 1_000)],
    ...(source.passphrase ? [['passphrase', source.passphrase] as [string, string]] : []),
    ['probesize', '1000000'],
    ['analyzeduration', '500000'],
  ]
  const url = `srt://${toUrlHost(source.bindAddress)}:${source.port}`
  const command = listCommand('srt_listener', url, options, ['srt', 'udp'], [source.passphrase])
  // Nobody may call for days, and a caller that falls silent is given up by libsrt.
  return { ...command, silenceLimitMs: Number.POSITIVE_INFINITY }
}

/**
 * Plays from an RTSP server through the gate before it, which knows its address, the login and, for rtsps, the certificate. Then
 * media travels in the same connection, whatever `transport` says.
 */
export function rtspCommand(source: Of<'rtsp'>, gate: { host: string; port: number }): IngestCommand {
  const { tls, path, username, password } = source
  const transport = tls ? 'tcp' : source.transport
  const options: [string, string][] = [
    ['rtsp_transport', transport],
    ['timeout', String(RTSP_TIMEOUT_US)],
    // Cameras offer streams of events too.
    ['allowed_media_types', 'video+audio'],
    ['probesize', '1000000'],
    ['analyzeduration', '1000000'],
  ]
  const url = `rtsp://${toUrlHost(gate.host)}:${gate.port}/${path}`
  const whitelist = ['rtsp', 'rtp', 'udp', 'tcp']
  return listCommand('rtsp', url, options, whitelist, [username, password, ...queryOf(path)], FIRST_TIME)
}

/** What stands in a segment. A format that leads elsewhere (DASH, a list of files) is none. */
const HLS_FORMATS = 'hls,mpegts,mov,aac,mp3,ac3,eac3'

/**
 * Plays one HLS playlist, as `toSinglePlaylist` wrote it, at the speed of a live feed (`-re`): segments come in bursts. FFmpeg
 * asks the gate for all of it, by plain http, and could speak nothing else.
 */
export function hlsCommand(source: Of<'hls'>, playlist: string): IngestCommand {
  const { url, username, password } = source
  return {
    kind: 'hls',
    args: [
      ...INGEST_HEAD,
      ...['-re', '-rw_timeout', String(HTTP_TIMEOUT_US), '-protocol_whitelist', 'pipe,http,tcp,crypto'],
      ...['-format_whitelist', HLS_FORMATS, '-f', 'hls', '-i', 'pipe:3'],
      ...INGEST_COPY,
      ...INGEST_TAIL,
    ],
    secret: playlist,
    mask: createLineMask([username, password, ...queryOf(url)]),
    silenceLimitMs: HLS_SILENCE_LIMIT_MS,
  }
}

function listCommand(
  kind: InputSource['kind'],
  url: string,
  options: [string, string][],
  whitelist: string[],
  secrets: (string | null)[],
  more: string[] = [],
): IngestCommand {
  const protocols = whitelist.join(',')
  const lines = [
    'ffconcat version 1.0',
    `file ${quote(url)}`,
    ...[...options, ['protocol_whitelist', protocols]].map(([key, value]) => `option ${key} ${quote(value as string)}`),
  ]
  return {
    kind,
    args: [
      ...INGEST_HEAD,
      ...['-fflags', '+genpts', '-probesize', '1000000', '-analyzeduration', '500000'],
      ...['-f', 'concat', '-safe', '0', '-protocol_whitelist', `pipe,${protocols}`, '-i', 'pipe:3'],
      ...INGEST_COPY,
      ...more,
      ...INGEST_TAIL,
    ],
    secret: `${lines.join('\n')}\n`,
    mask: createLineMask(secrets),
    silenceLimitMs: SILENCE_LIMIT_MS,
  }
}

/** As FFmpeg reads a string in a list (FFmpeg utilities manual 2.1): inside single quotes all is meant as it stands. */
function quote(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  if (/[\u0000-\u001f\u007f]/.test(value)) throw new Error('a setting has a control character')
  return `'${value.replaceAll("'", "'\\''")}'`
}

/** What stands behind the question mark, whole: it may hold a token. */
function queryOf(url: string): string[] {
  const at = url.indexOf('?')
  return at < 0 ? [] : [url.slice(at + 1)]
}

/** Hides the given secrets, and in every address the login and the query: those that the other side hands out count too. */
function createLineMask(secrets: (string | null)[]): (line: string) => string {
  const hide = createMask(secrets)
  return (line) =>
    hide(line)
      .replace(/(:\/\/)[^\s/@']+@/g, '$1***@')
      .replace(/(https?:\/\/[^\s?'"]+\?)[^\s'"\]]+/g, '$1***')
}
