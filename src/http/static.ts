import type { StaticFiles } from '../assets.ts'
import type { HttpContext } from './endpoint.ts'

/** Answers for a static file; its address changes with its content, so it may be kept for ever. */
export function answerStatic(c: HttpContext, files: StaticFiles): Response | Promise<Response> {
  const file = files.find(c.req.path)
  if (!file) return c.notFound()
  const headers = { 'cache-control': 'public, max-age=31536000, immutable', etag: file.etag }
  if (c.req.header('if-none-match') === file.etag) return new Response(null, { status: 304, headers })
  return new Response(file.bytes as Uint8Array<ArrayBuffer>, { headers: { ...headers, 'content-type': file.type } })
}
