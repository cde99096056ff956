/** @jsxImportSource hono/jsx */
import type { Hono } from 'hono'
import { getCookie } from 'hono/cookie'
import { z } from 'zod'
import { AppError, isAppError } from '../errors.ts'
import { endpoint, type HttpContext, type HttpEnv } from '../http/endpoint.ts'
import type { KeyAuth } from '../http/key-auth.ts'
import { toNextPath } from '../http/next-path.ts'
import { reply, wantsHtml } from '../http/reply.tsx'
import type { Sessions } from './session.service.ts'
import { SignInPage, type SignInPageProps } from './session.views.tsx'

const secret = z.string().min(1).max(500)
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
  page: SignInPageProps['shell']
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
    await endPresent(c)
    return d.sessions.start({ userAgent: c.req.header('user-agent') ?? '' })
  }

  async function endPresent(c: HttpContext): Promise<void> {
    const value = getCookie(c, d.sessions.cookieName)
    if (value !== undefined) await d.sessions.end(value)
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
      async handle({ c, body }) {
        const next = toNextPath(body.next)
        try {
          const cookie = await signIn(c, body)
          const answer = wantsHtml(c) ? redirect(c, next) : reply(c, { json: toView('session'), status: 201 })
          answer.headers.set('set-cookie', cookie)
          return answer
        } catch (error) {
          // Whoever came by a form gets the form again; the rest is for the one catcher.
          if (!isAppError(error) || error.status >= 500 || !wantsHtml(c)) throw error
          return showPage(
            { shell: d.page, next, problem: { code: error.code, byLink: body.token !== undefined } },
            error,
          )
        }
      },
    }),
    remove: endpoint({
      summary: 'Signs out: the session ends everywhere it is held, its event streams too.',
      tag,
      status: 204,
      async handle({ c }) {
        await endPresent(c)
        const answer = wantsHtml(c) ? redirect(c, '/login') : reply(c, { json: undefined, status: 204 })
        answer.headers.set('set-cookie', d.sessions.forget)
        return answer
      },
    }),
  }
}

/** Mounts `/login`: asks for the key, or for one press where a sign-in link leads here. Looking spends nothing. */
export function mountSignIn(app: Hono<HttpEnv>, o: { page: SignInPageProps['shell'] }): void {
  app.get('/login', (c) => {
    const next = toNextPath(c.req.query('next'))
    if (c.get('actor').kind === 'session') return c.redirect(next)
    const token = c.req.query('token')
    return showPage(token ? { shell: o.page, next, token } : { shell: o.page, next })
  })
}

function showPage(props: SignInPageProps, error?: AppError): Response {
  const headers = new Headers({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    vary: 'Accept, HX-Request',
    // The address may hold a token. Not `no-referrer`: browsers then send `Origin: null` with the form itself.
    'referrer-policy': 'strict-origin',
  })
  if (error?.retryAfterSeconds !== undefined) headers.set('retry-after', String(Math.ceil(error.retryAfterSeconds)))
  return new Response(`<!doctype html>${<SignInPage {...props} />}`, { status: error?.status ?? 200, headers })
}

/** To another page: HTMX follows its own header, a plain form a 303. */
function redirect(c: HttpContext, path: string): Response {
  const isHtmx = c.req.header('hx-request') !== undefined
  const headers: Record<string, string> = isHtmx ? { 'hx-redirect': path } : { location: path }
  return new Response(null, { status: isHtmx ? 204 : 303, headers: { ...headers, 'cache-control': 'no-store' } })
}

function toView(kind: 'key' | 'session' | 'weir' | 'anonymous'): SessionView {
  if (kind === 'anonymous' || kind === 'weir') return { user: null, role: null, scopes: [], via: 'anonymous' }
  return { user: null, role: 'admin', scopes: [...SCOPES], via: kind }
}
