import type { StaticFiles } from '../assets.ts'
import type { HttpContext } from './endpoint.ts'
import { takesGzip } from './html.ts'

/** Answers for a static file; its address changes with its content, so it may be kept for ever. */
export function answerStatic(c: HttpContext, files: StaticFiles): Response | Promise<Response> {
  const file = files.find(c.req.path)
  if (!file) return c.notFound()
  const isGzip = takesGzip(c)
  const headers = new Headers({
    'cache-control': 'public, max-age=31536000, immutable',
    // The two forms are different bytes, so they have different tags.
    etag: isGzip ? `"${file.hash}-gzip"` : `"${file.hash}"`,
    vary: 'Accept-Encoding',
  })
  if (c.req.header('if-none-match')?.includes(headers.get('etag') ?? ''))
    return new Response(null, { status: 304, headers })
  headers.set('content-type', file.type)
  if (isGzip) headers.set('content-encoding', 'gzip')
  return new Response((isGzip ? file.gzip : file.bytes) as Uint8Array<ArrayBuffer>, { headers })
}
