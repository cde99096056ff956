import type { HttpContext } from './endpoint.ts'

/** Below this a gzip header costs more than it saves. */
const MIN_GZIP_BYTES = 1024

/** True where the client can read gzip; `gzip;q=0` says that it cannot. */
export function takesGzip(c: HttpContext): boolean {
  return /(?:^|[\s,])gzip(?!\s*;\s*q=0(?:\.0*)?(?:[\s,]|$))/i.test(c.req.header('accept-encoding') ?? '')
}

/**
 * HTML as an answer: never stored, compressed where it pays. Another client at the same address may get JSON or a fragment,
 * and `Vary` says so.
 */
export function answerHtml(c: HttpContext, text: string, o: { status?: number; headers?: Headers } = {}): Response {
  const headers = o.headers ?? new Headers()
  headers.set('content-type', 'text/html; charset=utf-8')
  headers.set('cache-control', 'no-store')
  headers.set('vary', 'Accept, HX-Request, Accept-Encoding')
  const status = o.status ?? 200
  if (text.length < MIN_GZIP_BYTES || !takesGzip(c)) return new Response(text, { status, headers })
  headers.set('content-encoding', 'gzip')
  return new Response(Bun.gzipSync(text), { status, headers })
}
