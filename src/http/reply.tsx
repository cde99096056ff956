import type { JSX } from 'hono/jsx/jsx-runtime'
import type { HttpContext } from './endpoint.ts'
import { answerHtml } from './html.ts'

/** A piece of a page; made only where it is asked for. */
export type Fragment = JSX.Element | (() => JSX.Element)

/** A short message that goes by itself; the page's script shows it. */
export type ToastMessage = { text: string; tone?: 'ok' | 'busy' | 'warn' | 'bad' | 'idle' }

export type Reply = {
  /** The resource; undefined with status 204. */
  json: unknown
  status?: number
  /** Where a created resource lives. */
  location?: string
  /** The same for those who ask for HTML. With 204 it takes the place of what is gone, so that is `<></>`. */
  fragment?: Fragment
  /** The page to which a plain form comes back. */
  redirect?: string
  /** HTMX goes to `redirect` too, for the page it stands on is no longer the right one. */
  leave?: boolean
  toast?: ToastMessage
}

const SAFE_METHODS = new Set(['GET', 'HEAD'])

/** True where the client asks for HTML by name (browsers, HTMX); curl, fetch and a bare wildcard get JSON. */
export function wantsHtml(c: HttpContext): boolean {
  return (c.req.header('accept') ?? '').toLowerCase().includes('text/html')
}

/** True where the page's own script asks, which puts the answer into the page that is there. */
export function isHtmx(c: HttpContext): boolean {
  return c.req.header('hx-request') === 'true'
}

/** The one place that chooses how a good answer is shown. Answers under /api are never stored. */
export function reply(c: HttpContext, o: Reply): Response {
  const status = o.status ?? 200
  const headers = new Headers({ vary: 'Accept, HX-Request', 'cache-control': 'no-store' })
  if (wantsHtml(c)) {
    const answer = replyHtml(c, o, status, headers)
    if (answer) return answer
  }
  if (o.location) headers.set('location', o.location)
  if (status === 204) return c.body(null, { status, headers })
  headers.set('content-type', 'application/json; charset=utf-8')
  return new Response(JSON.stringify(o.json), { status, headers })
}

/** Null where there is nothing to show, so that the answer stays JSON. */
function replyHtml(c: HttpContext, o: Reply, status: number, headers: Headers): Response | null {
  if (!isHtmx(c) && o.redirect !== undefined && !SAFE_METHODS.has(c.req.method)) {
    headers.set('location', o.redirect)
    return new Response(null, { status: 303, headers })
  }
  if (o.toast && isHtmx(c)) headers.set('hx-trigger', toTrigger('toast', { ...o.toast, target: '#toasts' }))
  if (o.leave && o.redirect !== undefined && isHtmx(c)) {
    headers.set('hx-redirect', o.redirect)
    return new Response(null, { status, headers })
  }
  if (o.fragment === undefined) return null
  if (o.location) headers.set('location', o.location)
  const fragment = typeof o.fragment === 'function' ? o.fragment() : o.fragment
  // HTMX leaves the page alone at 204; nothing in the place of something is 200.
  return answerHtml(c, String(fragment), { status: status === 204 ? 200 : status, headers })
}

/** A whole page. */
export function replyPage(c: HttpContext, page: JSX.Element, o: { status?: number; headers?: Headers } = {}): Response {
  return answerHtml(c, `<!doctype html>${page}`, o)
}

/**
 * An event for the page's script, at a place that is always there: what asked may be gone. A header holds ASCII alone, and a name may have any letter.
 */
function toTrigger(name: string, detail: unknown): string {
  const json = JSON.stringify({ [name]: detail })
  return json.replace(/[^ -~]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
