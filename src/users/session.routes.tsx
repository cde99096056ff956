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

/** Whoever copies a line often has its end too. */
const secret = z.string().trim().max(500)
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
          // Whoever came by a form gets the form again, by its own address; the rest is for the one catcher.
          const problem = toProblem(error, body.token !== undefined)
          if (!problem || !wantsHtml(c)) throw error
          return redirect(c, toRefusedPath(problem, next))
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

export type SignInDeps = {
  sessions: Sessions
  /** True while the token would sign in; asking does not spend it. */
  isTokenGood(token: string): boolean
  /** A demo has no command line that makes links. */
  demo: boolean
}

/** What `/login` is asked by its address, which anybody may write: a word of ours and a number, or they are left out. */
const refusal = z.object({
  error: z.enum(['key', 'link', 'wait']),
  wait_seconds: z.coerce.number().int().min(1).max(3600).optional().catch(undefined),
})

/**
 * Mounts `/login`, which asks for the key, or for one press where a sign-in link leads here (looking spends nothing), and
 * `/logout`, the sign-out of a plain form.
 */
export function mountSignIn(app: Hono<HttpEnv>, d: SignInDeps): void {
  app.get('/login', (c) => {
    const next = toNextPath(c.req.query('next'))
    if (c.get('actor').kind === 'session') return c.redirect(next)
    const token = c.req.query('token')
    const isGood = token !== undefined && d.isTokenGood(token)
    const problem = token !== undefined && !isGood ? ({ kind: 'link' } as const) : readProblem(c)
    return showPage(c, { next, demo: d.demo, token: isGood ? token : undefined, problem })
  })
  app.post('/logout', async (c) => {
    await endPresent(c, d.sessions)
    return redirect(c, '/login', d.sessions.forget)
  })
}

function showPage(c: HttpContext, asked: Pick<SignInPageProps, 'next' | 'demo' | 'token' | 'problem'>): Response {
  // The address may hold a token. Not `no-referrer`: browsers then send `Origin: null` with the form itself.
  const headers = new Headers({ 'referrer-policy': 'strict-origin' })
  const files = c.get('pageFiles') ?? { cssUrl: '', jsUrl: '', iconUrl: '' }
  const { hostname } = new URL(c.req.url)
  const page = <SignInPage files={files} theme={themeOf(c)} host={hostname} {...asked} />
  return replyPage(c, page, { headers })
}

function readProblem(c: HttpContext): SignInProblem | undefined {
  const { success, data } = refusal.safeParse(c.req.query())
  return success ? { kind: data.error, waitSeconds: data.wait_seconds } : undefined
}

function toRefusedPath({ kind, waitSeconds }: SignInProblem, next: string): string {
  const query = new URLSearchParams({ error: kind })
  if (waitSeconds !== undefined) query.set('wait_seconds', String(waitSeconds))
  if (next !== '/') query.set('next', next)
  return `/login?${query}`
}

/** Ends the session that this browser shows, if it is one. */
async function endPresent(c: HttpContext, sessions: Sessions): Promise<void> {
  const value = getCookie(c, sessions.cookieName)
  if (value !== undefined) await sessions.end(value)
}

/** What the form can say about it; null for what is no refusal of the key or the link. */
function toProblem(error: unknown, byLink: boolean): SignInProblem | null {
  if (!isAppError(error)) return null
  const { code, retryAfterSeconds } = error
  if (code === 'auth.limited') return { kind: 'wait', waitSeconds: Math.ceil(retryAfterSeconds ?? 1) }
  if (code === 'session.refused') return { kind: byLink ? 'link' : 'key' }
  return null
}

/** To another page: HTMX follows its own header, a plain form a 303. */
function redirect(c: HttpContext, path: string, setCookie?: string): Response {
  const headers = { 'cache-control': 'no-store', ...(setCookie !== undefined && { 'set-cookie': setCookie }) }
  if (isHtmx(c)) return new Response(null, { status: 204, headers: { ...headers, 'hx-redirect': path } })
  return new Response(null, { status: 303, headers: { ...headers, location: path } })
}

function toView(kind: 'key' | 'session' | 'weir' | 'anonymous'): SessionView {
  if (kind === 'anonymous' || kind === 'weir') return { user: null, role: null, scopes: [], via: 'anonymous' }
  return { user: null, role: 'admin', scopes: [...SCOPES], via: kind }
}
