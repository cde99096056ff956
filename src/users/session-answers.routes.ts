import { getCookie } from 'hono/cookie'
import { isAppError } from '../errors.ts'
import type { HttpContext } from '../http/endpoint.ts'
import { isHtmx, reply, wantsHtml } from '../http/reply.tsx'
import type { Sessions } from './session.service.ts'
import type { SignInProblem } from './session.views.tsx'

/** How a browser is told: by cookies, and by being sent to another page. */

/** Ends the present session and sends the browser to the door. */
export async function signOut(c: HttpContext, sessions: Sessions): Promise<Response> {
  await endPresent(c, sessions)
  const forget = [sessions.forget(c.get('isSecure'))]
  const answer = wantsHtml(c) ? redirect(c, '/login') : reply(c, { json: undefined, status: 204 })
  // Pages that the browser keeps for its Back button go with the session.
  answer.headers.set('clear-site-data', '"cache"')
  return withCookies(answer, forget)
}

/** Ends the session that this browser shows, if it is one. */
export async function endPresent(c: HttpContext, sessions: Sessions): Promise<void> {
  const value = getCookie(c, sessions.cookieName(c.get('isSecure')))
  if (value !== undefined) await sessions.end(value)
}

export function withCookies(answer: Response, cookies: readonly string[]): Response {
  for (const cookie of cookies) answer.headers.append('set-cookie', cookie)
  return answer
}

/** What the form can say about it; null for what is no refusal of what was typed. */
export function toProblem(error: unknown, body: { token?: unknown; key?: unknown }): SignInProblem | null {
  if (!isAppError(error)) return null
  const { code, retryAfterSeconds } = error
  if (error.kind === 'busy') return { kind: 'wait', waitSeconds: Math.ceil(retryAfterSeconds ?? 1) }
  if (code !== 'session.refused') return null
  return { kind: body.token !== undefined ? 'link' : body.key !== undefined ? 'key' : 'password' }
}

/** The door again, with what went wrong in its address. */
export function toRefusedPath({ kind, waitSeconds }: SignInProblem, to: string): string {
  const query = new URLSearchParams({ error: kind })
  if (waitSeconds !== undefined) query.set('wait_seconds', String(waitSeconds))
  if (to !== '/') query.set('next', to)
  return `/login?${query}`
}

/** What was typed is kept until the form is there again, but not in an address, which others see. */
const TYPED_COOKIE = 'weir_typed_email'

export function toTypedCookie(c: HttpContext, email: string): string {
  const secure = c.get('isSecure') ? '; Secure' : ''
  return `${TYPED_COOKIE}=${encodeURIComponent(email)}; Max-Age=60; Path=/login; HttpOnly; SameSite=Lax${secure}`
}

/** The address that was typed into a form which was refused just now. */
export function readTypedEmail(c: HttpContext): string | undefined {
  return getCookie(c, TYPED_COOKIE)
}

/** To another page: HTMX follows its own header, a plain form a 303. */
export function redirect(c: HttpContext, path: string): Response {
  const headers = { 'cache-control': 'no-store' }
  if (isHtmx(c)) return new Response(null, { status: 204, headers: { ...headers, 'hx-redirect': path } })
  return new Response(null, { status: 303, headers: { ...headers, location: path } })
}
