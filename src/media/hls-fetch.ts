import { isIP } from 'node:net'
import { toUrlHost } from '../lib/host.ts'
import type { Targets } from '../lib/targets.ts'
import { SYSTEM_CA_FILE } from './ffmpeg/arguments.ts'
import type { IngestCommand } from './ffmpeg/ingest.ts'
import type { Verdict } from './ffmpeg/ingest-exits.ts'
import { hlsCommand } from './ffmpeg/pull.ts'
import { toSinglePlaylist } from './hls-playlist.ts'
import type { InputSource } from './specs.ts'

const TIMEOUT_MS = 10_000
const MAX_REDIRECTS = 5
/** A master playlist is far smaller; of a stream's own playlist the beginning is enough. */
const MAX_BYTES = 1024 * 1024

/**
 * Reads the playlist that an address leads to and makes the command for the best stream in it. A verdict, in words for
 * people, where it cannot be had. Certificates are verified here, before FFmpeg goes to the same place without doing so.
 */
export async function prepareHls(
  source: Extract<InputSource, { kind: 'hls' }>,
  deps: { targets: Targets; caFile: string | null },
  signal: AbortSignal,
): Promise<IngestCommand | Verdict> {
  const { username, password } = source
  try {
    const end = await follow(source, deps, AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]))
    if ('class' in end) return end
    const { response, place } = end
    const wantsDigest = response.status === 401 && /^digest/i.test(response.headers.get('www-authenticate') ?? '')
    if (!response.ok && !(wantsDigest && username)) {
      await response.body?.cancel()
      return refusedBy(response.status)
    }
    // FFmpeg answers a Digest challenge itself; then a master playlist is left to it whole.
    const text = response.ok ? await readStart(response) : '#EXTM3U'
    const playlist = toSinglePlaylist(text, place.href, { username, password, loginFor: source.url })
    if (playlist === null) return { class: 'codec', words: 'What stands at this address is no HLS playlist. Check it.' }
    for (const [url] of playlist.matchAll(/https?:[^"\s]+/g)) {
      const way = await find(new URL(url), deps.targets, signal)
      if ('class' in way) return way
    }
    return hlsCommand(source, playlist)
  } catch (cause) {
    return failedBy(cause as Error & { code?: unknown })
  }
}

/**
 * Goes where the server sends, step by step, each time to an address that was looked at and not to its name again; the login
 * goes to its own origin alone. A verdict: it sends on too often, or where nobody may go.
 */
async function follow(
  { url, username, password }: Extract<InputSource, { kind: 'hls' }>,
  { targets, caFile }: { targets: Targets; caFile: string | null },
  signal: AbortSignal,
): Promise<{ response: Response; place: URL } | Verdict> {
  const login = username ? { authorization: `Basic ${toBase64(`${username}:${password ?? ''}`)}` } : {}
  let place = new URL(url)
  for (let n = 0; n <= MAX_REDIRECTS && /^https?:$/.test(place.protocol); n++) {
    const way = await find(place, targets, signal)
    if ('class' in way) return way
    const pinned = new URL(place)
    pinned.hostname = toUrlHost(way.address)
    const response = await fetch(pinned, {
      signal,
      redirect: 'manual',
      headers: { ...(place.origin === new URL(url).origin ? login : {}), host: place.host },
      ...(place.protocol === 'https:' && { tls: { ca: Bun.file(caFile ?? SYSTEM_CA_FILE), ...serverName(place) } }),
    })
    const next = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null
    if (next === null) return { response, place }
    await response.body?.cancel()
    place = new URL(next, place)
  }
  return { class: 'rejected', words: 'The server sends from one address to the next.' }
}

async function find({ hostname }: URL, targets: Targets, signal: AbortSignal): Promise<{ address: string } | Verdict> {
  const found = await targets.find(hostname.replace(/^\[|\]$/g, ''), signal)
  if (found.is === 'allowed') return { address: found.addresses[0] }
  if (found.is === 'unknown') return { class: 'dns', words: found.words }
  return { class: 'rejected', words: `The server sends elsewhere. ${found.words}` }
}

/** An address is no server name (RFC 6066 section 3). */
function serverName({ hostname }: URL): { serverName?: string } {
  return isIP(hostname.replace(/^\[|\]$/g, '')) ? {} : { serverName: hostname }
}

async function readStart(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length >= MAX_BYTES) break
  }
  return text
}

function refusedBy(status: number): Verdict {
  if (status === 401 || status === 403)
    return { class: 'rejected', words: `The server refused (${status}). Check user name, password and token.` }
  if (status === 404 || status === 410)
    return { class: 'rejected', words: `There is nothing at this address (${status}). The stream may be off.` }
  return { class: 'rejected', words: `The server answered with status ${status} instead of a playlist.` }
}

/** Errors of Bun's fetch, by their code. */
function failedBy({ name, code, message }: Error & { code?: unknown }): Verdict {
  const says = `${name} ${typeof code === 'string' ? code : ''} ${message}`
  if (/TimeoutError/.test(says)) return { class: 'hung', words: 'The server took too long to answer.' }
  if (/ENOTFOUND|EAI_AGAIN|getaddrinfo/.test(says))
    return { class: 'dns', words: "The server's name could not be found. Check the address for a typing error." }
  if (/ECONNREFUSED|ConnectionRefused/.test(says))
    return { class: 'refused', words: 'The server refused the connection. It may be down, or the port is wrong.' }
  if (/CERT|certificate|TLS|SSL|EPROTO|SELF_SIGNED|UNABLE_TO_/i.test(says))
    return { class: 'tls', words: 'No secure connection could be made, or the certificate is not trusted.' }
  if (/TooManyRedirects/i.test(says))
    return { class: 'rejected', words: 'The server sends from one address to the next.' }
  return { class: 'unreachable', words: 'The server cannot be reached from here. Check the address and the network.' }
}

function toBase64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64')
}
