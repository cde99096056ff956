import { newSecret } from '../../lib/ids.ts'
import type { Verdict } from '../ffmpeg/ingest-exits.ts'
import type { HlsFetch } from './fetch.ts'
import { rewritePlaylist } from './playlist.ts'

/** A media playlist of a day is smaller. */
const MAX_PLAYLIST_BYTES = 4 * 1024 * 1024
const BEGINNING = /^\uFEFF?#EXTM3U/
const BEGINNING_BYTES = 10
/** FFmpeg keeps its connection between two looks at the playlist. */
const IDLE_SECONDS = 120
const PASSED_ON = ['content-type', 'content-range', 'accept-ranges']

export type HlsGate = {
  /** Where FFmpeg asks for what stands at an address; for what is no address of the web, one where nothing is. */
  toOurs(place: URL | null): string
  /** A line of FFmpeg's, with the addresses of the servers in place of ours. */
  toTheirs(line: string): string
  /** What went wrong with the last thing that was asked for; null where nothing did. */
  readonly verdict: Verdict | null
  close(): void
}

/**
 * Stands between an FFmpeg and the servers of an HLS feed: FFmpeg 5.1 follows playlists and redirects to anywhere, and verifies
 * no certificate. It knows this gate alone (its whitelist has no TLS, and every address in every playlist becomes one
 * of ours); where a feed leads is for `fetch` to allow. Nothing is kept: bodies pass at the pace at which FFmpeg reads.
 */
export function openHlsGate(fetchFrom: HlsFetch): HlsGate {
  // On the loopback others of this machine could ask too.
  const secret = newSecret()
  let verdict: Verdict | null = null

  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    idleTimeout: IDLE_SECONDS,
    async fetch(request) {
      const place = toPlace(request.url)
      if (!place) return new Response(null, { status: 404 })
      const found = await fetchFrom(place, { signal: request.signal, range: request.headers.get('range') })
      if ('class' in found) {
        // FFmpeg itself went away from it.
        if (!request.signal.aborted) verdict = found
        return new Response(null, { status: 502 })
      }
      verdict = null
      return passOn(found.response, found.place)
    },
    // A server that breaks off in the middle: FFmpeg sees its connection end.
    error: () => new Response(null, { status: 502 }),
  })
  const ours = `http://127.0.0.1:${server.port}/${secret}/`
  const inLines = new RegExp(`${ours.replaceAll('.', '\\.')}(https?)/([^/\\s'"]+)`, 'g')

  function toOurs(place: URL | null): string {
    if (!place || !/^https?:$/.test(place.protocol)) return `${ours}none`
    const { protocol, host, pathname, search } = place
    return `${ours}${protocol.slice(0, -1)}/${encodeURIComponent(host)}${pathname}${search}`
  }

  function toPlace(asked: string): URL | null {
    const { pathname, search } = new URL(asked)
    const [, scheme, host = '', path] = /^(https?)\/([^/]+)(\/.*)$/.exec(pathname.slice(secret.length + 2)) ?? []
    if (!pathname.startsWith(`/${secret}/`) || path === undefined) return null
    return URL.parse(`${scheme}://${decodeURIComponent(host)}${path}${search}`)
  }

  async function passOn(response: Response, place: URL): Promise<Response> {
    const headers = new Headers()
    for (const name of PASSED_ON) {
      const value = response.headers.get(name)
      if (value !== null) headers.set(name, value)
    }
    const { status } = response
    const body = response.body?.getReader() as Body | undefined
    if (!body) return new Response(null, { status, headers })
    const start = await readUpTo(body, BEGINNING_BYTES)
    if (!BEGINNING.test(new TextDecoder('utf-8', { ignoreBOM: true }).decode(start)))
      return new Response(continued(start, body), { status, headers })
    const rest = await readUpTo(body, MAX_PLAYLIST_BYTES - start.length)
    await body.cancel()
    const text = new TextDecoder().decode(Buffer.concat([start, rest]))
    // Another length than the server's, so it is no part of anything (FFmpeg asks for `bytes=0-`).
    headers.delete('content-range')
    return new Response(rewritePlaylist(text, place, toOurs), { status: status === 206 ? 200 : status, headers })
  }

  return {
    toOurs,
    toTheirs: (line) =>
      line.replace(inLines, (_, scheme: string, host: string) => `${scheme}://${decodeURIComponent(host)}`),
    get verdict() {
      return verdict
    },
    close: () => void server.stop(true),
  }
}

type Body = ReadableStreamDefaultReader<Uint8Array>

/** What comes next, at least so much where there is so much; the pieces stay whole. */
async function readUpTo(body: Body, bytes: number): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for (let length = 0; length < bytes; ) {
    const { value } = await body.read()
    if (!value) break
    pieces.push(value)
    length += value.length
  }
  return Buffer.concat(pieces)
}

function continued(start: Uint8Array, body: Body): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (to) => to.enqueue(start),
    async pull(to) {
      const { value } = await body.read()
      if (value) to.enqueue(value)
      else to.close()
    },
    cancel: (reason) => body.cancel(reason),
  })
}
