import { isIP } from 'node:net'
import { toUrlHost } from '../../lib/host.ts'
import type { Targets } from '../../lib/targets.ts'
import { SYSTEM_CA_FILE } from '../ffmpeg/arguments.ts'
import type { Verdict } from '../ffmpeg/ingest-exits.ts'
import { type Challenge, toChallenge } from '../login.ts'
import type { InputSource } from '../specs.ts'

const TIMEOUT_MS = 10_000
const MAX_REDIRECTS = 5
const MAX_COOKIES = 50

/** `place`: where it came from, at the end of all redirects. */
export type Fetched = { response: Response; place: URL }
export type HlsFetch = (from: URL, o: { signal: AbortSignal; range?: string | null }) => Promise<Fetched | Verdict>

/**
 * Fetches what belongs to one HLS feed. It goes where servers send, step by step, each time to an address that was looked at
 * and not to its name again; certificates are verified; login (Basic, or Digest where the server asks for it) and cookies go to
 * their own origin alone. What went wrong on the way is a verdict in words; never rejects. The first headers may take 10 s.
 */
export function createHlsFetch(
  source: Extract<InputSource, { kind: 'hls' }>,
  deps: { targets: Targets; caFile: string | null },
): HlsFetch {
  const { origin } = new URL(source.url)
  const login = source.username ? { username: source.username, password: source.password ?? '' } : null
  const cookies = new Map<string, string>()
  let challenge: Challenge | null = login && toChallenge(['Basic'], login)

  async function ask(
    place: URL,
    address: string,
    o: { signal: AbortSignal; range?: string | null },
  ): Promise<Response> {
    const { host, hostname, pathname, search, protocol } = place
    const pinned = new URL(place)
    pinned.hostname = toUrlHost(address)
    const cookie = [...cookies]
      .flatMap(([key, value]) => (key.startsWith(`${place.origin} `) ? [value] : []))
      .join('; ')
    const authorization = place.origin === origin ? challenge?.answer({ method: 'GET', uri: pathname + search }) : null
    const isAddress = isIP(bare(hostname)) !== 0
    return fetch(pinned, {
      signal: o.signal,
      redirect: 'manual',
      headers: {
        ...{ host, 'accept-encoding': 'identity' },
        ...(o.range && { range: o.range }),
        ...(cookie && { cookie }),
        ...(authorization && { authorization }),
      },
      ...(protocol === 'https:' && {
        // An address is no server name (RFC 6066 section 3).
        tls: { ca: Bun.file(deps.caFile ?? SYSTEM_CA_FILE), ...(isAddress ? {} : { serverName: hostname }) },
      }),
    })
  }

  function keepCookies(place: URL, response: Response): void {
    for (const cookie of response.headers.getSetCookie()) {
      const pair = cookie.split(';', 1)[0] ?? ''
      cookies.set(`${place.origin} ${pair.split('=', 1)[0]}`, pair)
      if (cookies.size > MAX_COOKIES) cookies.delete(cookies.keys().next().value ?? '')
    }
  }

  /** A server that wants Digest says so with its first answer. */
  async function askWithLogin(...[place, address, o]: Parameters<typeof ask>): Promise<Response> {
    const response = await ask(place, address, o)
    const offers = response.headers.get('www-authenticate')
    if (response.status !== 401 || !login || place.origin !== origin || !/^digest\s/i.test(offers ?? ''))
      return response
    challenge = toChallenge([offers ?? ''], login)
    await response.body?.cancel()
    return ask(place, address, o)
  }

  async function follow(from: URL, o: { signal: AbortSignal; range?: string | null }): Promise<Fetched | Verdict> {
    let place = from
    for (let n = 0; n <= MAX_REDIRECTS && /^https?:$/.test(place.protocol); n++) {
      const found = await deps.targets.find(bare(place.hostname), o.signal)
      if (found.is === 'unknown') return { class: 'dns', words: found.words }
      if (found.is === 'refused') return { class: 'rejected', words: `The server sends elsewhere. ${found.words}` }
      const response = await askWithLogin(place, found.addresses[0], o)
      keepCookies(place, response)
      const next = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null
      if (next === null) return { response, place }
      await response.body?.cancel()
      place = new URL(next, place)
    }
    return { class: 'rejected', words: 'The server sends from one address to the next.' }
  }

  return async (from, o) => {
    // Only until the headers are there: what follows comes at the pace of the feed.
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(new DOMException('no answer', 'TimeoutError')), TIMEOUT_MS)
    try {
      return await follow(from, { ...o, signal: AbortSignal.any([o.signal, late.signal]) })
    } catch (cause) {
      return failedBy(cause as Error & { code?: unknown })
    } finally {
      clearTimeout(timer)
    }
  }
}

/** What a status that is no success means, for people. */
export function refusedBy(status: number): Verdict {
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
  if (/ECONNREFUSED|ConnectionRefused/.test(says))
    return { class: 'refused', words: 'The server refused the connection. It may be down, or the port is wrong.' }
  if (/CERT|certificate|TLS|SSL|EPROTO|SELF_SIGNED|UNABLE_TO_/i.test(says))
    return { class: 'tls', words: 'No secure connection could be made, or the certificate is not trusted.' }
  return { class: 'unreachable', words: 'The server cannot be reached from here. Check the address and the network.' }
}

/** Without the brackets of IPv6. */
const bare = (hostname: string) => hostname.replace(/^\[|\]$/g, '')
