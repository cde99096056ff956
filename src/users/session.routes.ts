import { getCookie } from 'hono/cookie'
import { z } from 'zod'
import type { UserRow } from '../db/tables/users.ts'
import { type AppError, isAppError } from '../errors.ts'
import { type Actor, endpoint, type HttpContext } from '../http/endpoint.ts'
import type { KeyAuth } from '../http/key-auth.ts'
import { toNextPath } from '../http/next-path.ts'
import { reply, wantsHtml } from '../http/reply.tsx'
import type { CookieAuth } from '../http/server.ts'
import { ROLES, SCOPES, scopesOf } from '../lib/access.ts'
import {
  endPresent,
  redirect,
  signOut,
  toProblem,
  toRefusedPath,
  toTypedCookie,
  withCookies,
} from './session-answers.routes.ts'
import type { Sessions } from './session.service.ts'
import { type Credentials, refused } from './sign-in.ts'
import type { BrowserMarks } from './sign-in-throttle.ts'
import { acceptBody, emailField, next, passwordField, setupBody, tokenField } from './users.schema.ts'
import type { Users } from './users.service.ts'

const MARK_COOKIE = 'weir_browser'
const MARK_DAYS = 365

const signInBody = z
  .strictObject({
    key: tokenField.optional(),
    token: tokenField.optional(),
    email: z.string().trim().max(254).optional(),
    password: passwordField.optional(),
    code: z.string().trim().max(40).optional(),
    next,
  })
  .superRefine((body, ctx) => {
    const ways = [body.key, body.token, body.email].filter((way) => way !== undefined).length
    if (ways !== 1)
      ctx.addIssue({
        code: 'custom',
        path: ['email'],
        message: 'Give email and password, or a key, or the token of a link.',
      })
    if ((body.email === undefined) !== (body.password === undefined))
      ctx.addIssue({ code: 'custom', path: ['password'], message: 'An address and its password belong together.' })
  })
type SignInBody = z.infer<typeof signInBody>

const sessionView = z.object({
  user: z.object({ id: z.int(), email: emailField, name: z.string() }).nullable(),
  role: z.enum(ROLES).nullable(),
  scopes: z.array(z.enum(SCOPES)),
  via: z.enum(['session', 'key', 'anonymous']),
})
type SessionView = z.infer<typeof sessionView>
const EXAMPLE: SessionView = { user: null, role: 'admin', scopes: [...SCOPES], via: 'session' }

const FORM = { password: 'secret', key: 'secret', code: 'secret', token: 'name', name: 'name', email: 'name' } as const

export type SessionRoutesDeps = {
  sessions: Sessions
  users: Users
  keys: KeyAuth
  marks: BrowserMarks
  signIn(o: Credentials & { address: string; mark: string | undefined }): Promise<UserRow>
  /** True while the token would allow it; asking does not spend it. */
  isTokenGood(token: string): boolean
  /** What the link of the command line allows, once: null where the token is not right. */
  spendToken(token: string): { email: string | null } | null
}

/** The cookie of a request, as `http/` asks for whoever signed in. */
export function toCookieAuth(sessions: Sessions): CookieAuth {
  return {
    identify(c) {
      const value = getCookie(c, sessions.cookieName(c.get('isSecure')))
      return value === undefined ? null : sessions.identify(value)
    },
  }
}

/** Signing in, setting up, asking who one is, signing out. */
export function createSessionRoutes(d: SessionRoutesDeps) {
  const tag = 'session'

  /** Always a new session: one that was there before, whoever put it there, ends. */
  async function start(c: HttpContext, user: UserRow | null): Promise<string[]> {
    await endPresent(c, d.sessions)
    const isSecure = c.get('isSecure')
    const o = { userAgent: c.req.header('user-agent') ?? '', address: c.get('clientAddress') ?? '', isSecure }
    const { setCookie } = await d.sessions.start({ ...o, userId: user?.id ?? null })
    const value = setCookie.slice(setCookie.indexOf('=') + 1, setCookie.indexOf(';'))
    const actor = d.sessions.identify(value)
    if (actor) c.set('actor', actor)
    if (!user) return [setCookie]
    const secure = isSecure ? '; Secure' : ''
    const mark = `${MARK_COOKIE}=${d.marks.write(user.id)}; Max-Age=${MARK_DAYS * 86_400}; Path=/api/session; HttpOnly; SameSite=Lax${secure}`
    const theme = user.theme === 'system' ? 0 : MARK_DAYS * 86_400
    return [setCookie, mark, `theme=${user.theme}; Max-Age=${theme}; Path=/; SameSite=Lax`]
  }

  async function find(c: HttpContext, body: SignInBody): Promise<UserRow | null> {
    const address = c.get('clientAddress')
    const { key, token, email, password, code } = body
    if (email !== undefined) {
      c.set('about', { email })
      return d.signIn({ email, password: password ?? '', code, address, mark: getCookie(c, MARK_COOKIE) })
    }
    if (key !== undefined) {
      // With accounts a browser belongs to a person.
      if (!d.keys.isKey(key, address) || d.users.hasAdmin()) throw refused()
      return null
    }
    let spent: { email: string | null } | null = null
    const isRight = d.keys.attempt(address, () => {
      spent = d.spendToken(token ?? '')
      return spent !== null
    })
    const allowed = spent as { email: string | null } | null
    if (!isRight || !allowed) throw refused()
    const user = allowed.email === null ? d.users.firstAdmin() : d.users.byEmail(allowed.email)
    if (user?.status === 'active') return user
    if (d.users.hasAdmin() || allowed.email !== null) throw refused()
    return null
  }

  function answer(c: HttpContext, to: string, cookies: string[]): Response {
    if (wantsHtml(c)) return withCookies(redirect(c, to), cookies)
    const location = '/api/session'
    return withCookies(reply(c, { json: toView(c.get('actor')), status: 201, location }), cookies)
  }

  return {
    get: endpoint({
      summary: 'Who am I? Answers for strangers too.',
      tag,
      response: sessionView,
      example: { response: { ...EXAMPLE, via: 'key' } },
      handle: ({ c, actor }) => reply(c, { json: toView(actor) }),
    }),
    create: endpoint({
      summary:
        'Signs in with address and password (and code), or once with the token of a link; until there are accounts also with the API key. Sets a cookie.',
      tag,
      body: signInBody,
      form: FORM,
      response: sessionView,
      status: 201,
      example: { request: { email: 'ruth@example.org', password: 'seven swans a-swimming' }, response: EXAMPLE },
      refusals: ['unauthorized', 'busy'],
      async handle({ c, body }) {
        const to = toNextPath(body.next)
        try {
          return answer(c, to, await start(c, await find(c, body)))
        } catch (error) {
          // Whoever came by a form gets the form again, by its own address; the rest is for the one catcher.
          const problem = toProblem(error, body)
          if (!problem || !wantsHtml(c)) throw error
          c.set('refusal', error as AppError)
          const typed = body.email === undefined ? [] : [toTypedCookie(c, body.email)]
          return withCookies(redirect(c, toRefusedPath(problem, to)), typed)
        }
      },
    }),
    remove: endpoint({
      summary: 'Signs out: the session ends everywhere it is held, its event streams too.',
      tag,
      status: 204,
      handle: ({ c }) => signOut(c, d.sessions),
    }),
    setUp: endpoint({
      summary: 'Makes the first administrator and signs in. 404 once there is one.',
      tag,
      body: setupBody,
      form: FORM,
      response: sessionView,
      status: 201,
      example: {
        request: {
          token: 'from-the-link',
          email: 'ruth@example.org',
          name: 'Ruth',
          password: 'seven swans a-swimming',
        },
        response: EXAMPLE,
      },
      refusals: ['unauthorized', 'not_found', 'conflict'],
      page: '/setup',
      async handle({ c, body }) {
        const { token, ...person } = body
        c.set('about', { email: person.email })
        try {
          const attempt = (isRight: () => boolean) => d.keys.attempt(c.get('clientAddress'), isRight)
          const spend = () => attempt(() => d.spendToken(token) !== null)
          const user = await d.users.setUp(person, spend, () => attempt(() => d.isTokenGood(token)))
          await d.sessions.endOfKey()
          return answer(c, '/', await start(c, user))
        } catch (error) {
          if (!wantsHtml(c) || !isAppError(error) || error.code !== 'setup.refused') throw error
          c.set('refusal', error)
          return redirect(c, '/setup?error=link')
        }
      },
    }),
    accept: endpoint({
      summary: 'Takes an invitation or a reset: a password for the person whom the link is for. Signs in.',
      tag,
      body: acceptBody,
      form: FORM,
      response: sessionView,
      status: 201,
      example: {
        request: { token: 'from-the-link', name: 'Ines', password: 'nine ladies dancing' },
        response: EXAMPLE,
      },
      refusals: ['gone'],
      page: '/join/:token',
      async handle({ c, body }) {
        const user = await d.users.accept(body.token, body.name, body.password)
        await d.sessions.endOf(user.id)
        return answer(c, '/', await start(c, user))
      },
    }),
  }
}

function toView(actor: Actor): SessionView {
  const { kind, role, scopes, user } = actor
  if (role === null) return { user: null, role: null, scopes: [], via: 'anonymous' }
  const allowed = scopesOf(role)
  const shown =
    scopes === null || scopes.includes('admin') ? allowed : allowed.filter((scope) => scopes.includes(scope))
  return { user, role, scopes: shown, via: kind === 'session' ? 'session' : 'key' }
}
