/** @jsxImportSource hono/jsx */
import type { Hono } from 'hono'
import { getCookie } from 'hono/cookie'
import { z } from 'zod'
import { AppError, isAppError } from '../errors.ts'
import { endpoint, type HttpContext, type HttpEnv } from '../http/endpoint.ts'
import type { KeyAuth } from '../http/key-auth.ts'
import { toNextPath } from '../http/next-path.ts'
import { isHtmx, reply, replyPage, wantsHtml } from '../http/reply.tsx'
import { themeOf } from '../http/theme.ts'
import type { Sessions } from './session.service.ts'
import { SignInPage, type SignInPageProps, type SignInProblem } from './session.views.tsx'

const secret = z.string().max(500)
const signInBody = z
  .strictObject({ key: secret.optional(), token: secret.optional(), next: z.string().max(2000).optional() })
  .refine((body) => (body.key === undefined) !== (body.token === undefined), {
    path: ['key'],
    message: 'Give the API key, or the token of a sign-in link.',
  })

const SCOPES = ['read', 'images', 'operate', 'admin'] as const
const sessionView = z.object({
  user: z.null(),
  role: z.literal('admin').nullable(),
  scopes: z.array(z.enum(SCOPES)),
  via: z.enum(['session', 'key', 'anonymous']),
})
type SessionView = z.infer<typeof sessionView>

export type SessionRoutesDeps = {
  sessions: Sessions
  keys: KeyAuth
  /** True once for the right token. */
  spendToken(token: string): boolean
}

/** Signing in with the key or with a link, asking who one is, signing out. */
export function createSessionRoutes(d: SessionRoutesDeps) {
  const tag = 'session'

  async function signIn(c: HttpContext, body: z.infer<typeof signInBody>): Promise<string> {
    const { key, token } = body
    const address = c.get('clientAddress')
    const isRight =
      key !== undefined ? d.keys.isKey(key, address) : d.keys.attempt(address, () => d.spendToken(token ?? ''))
    if (!isRight)
      throw new AppError({
        kind: 'unauthorized',
        code: 'session.refused',
        message: 'The key or the link is not right, or no longer.',
      })
    await endPresent(c, d.sessions)
    return d.sessions.start({ userAgent: c.req.header('user-agent') ?? '' })
  }

  return {
    get: endpoint({
      summary: 'Who am I? Answers for strangers too.',
      tag,
      response: sessionView,
      example: { response: toView('key') },
      handle: ({ c, actor }) => reply(c, { json: toView(actor.kind) }),
    }),
    create: endpoint({
      summary: 'Signs in with the API key, or once with the token of a sign-in link; sets a cookie.',
      tag,
      body: signInBody,
      response: sessionView,
      status: 201,
      example: { request: { key: 'your-key' }, response: toView('session') },
      refusals: ['unauthorized', 'busy'],
      async handle({ c, body }) {
        const next = toNextPath(body.next)
        try {
          const cookie = await signIn(c, body)
          if (wantsHtml(c)) return redirect(c, next, cookie)
          const answer = reply(c, { json: toView('session'), status: 201, location: '/api/session' })
          answer.headers.set('set-cookie', cookie)
          return answer
        } catch (error) {
          // Whoever came by a form gets the form again; the rest is for the one catcher.
          if (!isAppError(error) || error.status >= 500 || !wantsHtml(c)) throw error
          const problem = toProblem(error, body.token !== undefined)
          return showPage(c, { next, problem }, error)
        }
      },
    }),
    remove: endpoint({
      summary: 'Signs out: the session ends everywhere it is held, its event streams too.',
      tag,
      status: 204,
      async handle({ c }) {
        await endPresent(c, d.sessions)
        if (wantsHtml(c)) return redirect(c, '/login', d.sessions.forget)
        const answer = reply(c, { json: undefined, status: 204 })
        answer.headers.set('set-cookie', d.sessions.forget)
        return answer
      },
    }),
  }
}

/**
 * Mounts `/login`, which asks for the key, or for one press where a sign-in link leads here (looking spends nothing), and
 * `/logout`, the sign-out of a plain form.
 */
export function mountSignIn(app: Hono<HttpEnv>, sessions: Sessions): void {
  app.get('/login', (c) => {
    const next = toNextPath(c.req.query('next'))
    if (c.get('actor').kind === 'session') return c.redirect(next)
    return showPage(c, { next, token: c.req.query('token') })
  })
  app.post('/logout', async (c) => {
    await endPresent(c, sessions)
    return redirect(c, '/login', sessions.forget)
  })
}

function showPage(
  c: HttpContext,
  asked: Pick<SignInPageProps, 'next' | 'token' | 'problem'>,
  error?: AppError,
): Response {
  // The address may hold a token. Not `no-referrer`: browsers then send `Origin: null` with the form itself.
  const headers = new Headers({ 'referrer-policy': 'strict-origin' })
  if (error?.retryAfterSeconds !== undefined) headers.set('retry-after', String(Math.ceil(error.retryAfterSeconds)))
  const files = c.get('pageFiles') ?? { cssUrl: '', jsUrl: '', iconUrl: '' }
  const { hostname } = new URL(c.req.url)
  const page = <SignInPage files={files} theme={themeOf(c)} host={hostname} {...asked} />
  return replyPage(c, page, { status: error?.status ?? 200, headers })
}

/** Ends the session that this browser shows, if it is one. */
async function endPresent(c: HttpContext, sessions: Sessions): Promise<void> {
  const value = getCookie(c, sessions.cookieName)
  if (value !== undefined) await sessions.end(value)
}

function toProblem(error: AppError, byLink: boolean): SignInProblem {
  const { code, message, retryAfterSeconds } = error
  if (code === 'auth.limited') return { kind: 'wait', message, waitSeconds: Math.ceil(retryAfterSeconds ?? 1) }
  if (code === 'session.refused') return { kind: byLink ? 'link' : 'key', message }
  return { kind: 'other', message }
}

/** To another page: HTMX follows its own header, a plain form a 303. */
function redirect(c: HttpContext, path: string, setCookie: string): Response {
  const headers = { 'set-cookie': setCookie, 'cache-control': 'no-store' }
  if (isHtmx(c)) return new Response(null, { status: 204, headers: { ...headers, 'hx-redirect': path } })
  return new Response(null, { status: 303, headers: { ...headers, location: path } })
}

function toView(kind: 'key' | 'session' | 'weir' | 'anonymous'): SessionView {
  if (kind === 'anonymous' || kind === 'weir') return { user: null, role: null, scopes: [], via: 'anonymous' }
  return { user: null, role: 'admin', scopes: [...SCOPES], via: kind }
}
