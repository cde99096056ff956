import type { HttpContext } from './endpoint.ts'

export type Reply = {
  /** The resource; undefined with status 204. */
  json: unknown
  status?: number
  /** Where a created resource lives. */
  location?: string
}

/** True where the client asks for HTML by name (browsers, HTMX); curl, fetch and a bare wildcard get JSON. */
export function wantsHtml(c: HttpContext): boolean {
  return (c.req.header('accept') ?? '').toLowerCase().includes('text/html')
}

/** The one place that chooses how a good answer is shown. Answers under /api are never stored. */
export function reply(c: HttpContext, o: Reply): Response {
  const status = o.status ?? 200
  const headers = new Headers({ vary: 'Accept, HX-Request', 'cache-control': 'no-store' })
  if (o.location) headers.set('location', o.location)
  if (status === 204) return c.body(null, { status, headers })
  headers.set('content-type', 'application/json; charset=utf-8')
  return new Response(JSON.stringify(o.json), { status, headers })
}
