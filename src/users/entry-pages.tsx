/** @jsxImportSource hono/jsx */
import { z } from 'zod'
import { type HttpContext, refusedForm } from '../http/endpoint.ts'
import { toNextPath } from '../http/next-path.ts'
import { replyPage } from '../http/reply.tsx'
import type { PageRoute } from '../http/router.ts'
import { themeOf } from '../http/theme.ts'
import { readTypedEmail, signOut } from './session-answers.routes.ts'
import type { Sessions } from './session.service.ts'
import { SignInPage, type SignInProblem } from './session.views.tsx'
import { DeadLinkPage, JoinPage, SetupPage } from './setup.views.tsx'
import type { Users } from './users.service.ts'

export type EntryDeps = {
  sessions: Sessions
  users: Pick<Users, 'hasAdmin' | 'linkOf'>
  /** True while the token would sign in; asking does not spend it. */
  isTokenGood(token: string): boolean
  /** The first visit leads to the setup page: there is no administrator, and nobody gave a key. */
  leadsToSetup: boolean
  /** The address and the `Set-Cookie` header of a personal link; null where the token is of no such. */
  joinStream(token: string, isSecure: boolean): { path: string; setCookie: string } | null
  /** A demo has no command line that makes links, and no accounts. */
  demo: boolean
}

/** What `/login` is asked by its address, which anybody may write: a word of ours and a number, or they are left out. */
const refusal = z.object({
  error: z.enum(['key', 'password', 'link', 'wait']),
  wait_seconds: z.coerce.number().int().min(1).max(3600).optional().catch(undefined),
})

/** The pages before the door: sign in, set up, join, and the sign-out of a plain form. */
export function createEntryPages(d: EntryDeps): PageRoute[] {
  const isOpen = () => !d.demo && !d.users.hasAdmin()

  return [
    {
      path: '/login',
      access: 'public',
      handle(c) {
        const next = toNextPath(c.req.query('next'))
        if (c.get('actor').kind === 'session') return c.redirect(next)
        const token = c.req.query('token')
        const isGood = token !== undefined && d.isTokenGood(token)
        const toSetup =
          isOpen() && d.leadsToSetup && c.req.query('with') !== 'key' && c.req.query('error') === undefined
        if (toSetup) return c.redirect(isGood ? `/setup?token=${encodeURIComponent(token)}` : '/setup')
        const problem = token !== undefined && !isGood ? ({ kind: 'link' } as const) : readProblem(c)
        const asked = {
          next,
          demo: d.demo,
          hasAccounts: d.users.hasAdmin(),
          token: isGood ? token : undefined,
          problem,
          email: problem ? readTypedEmail(c) : undefined,
        }
        return show(c, <SignInPage {...entry(c)} {...asked} />)
      },
    },
    {
      method: 'POST',
      path: '/logout',
      access: 'public',
      act: { noun: 'session', verb: 'delete', param: null, parent: null },
      handle: (c) => signOut(c, d.sessions),
    },
    {
      path: '/setup',
      access: 'public',
      handle(c) {
        if (!isOpen()) return c.notFound()
        const refused = refusedForm(c, '/api/setup')
        const token = refused.values['token'] ?? c.req.query('token')
        const isGood = token !== undefined && d.isTokenGood(token)
        const isUsed = (token !== undefined && !isGood) || c.req.query('error') === 'link'
        return show(c, <SetupPage {...entry(c)} token={isGood ? token : undefined} isUsed={isUsed} {...refused} />)
      },
    },
    {
      path: '/join/:token',
      access: 'public',
      async handle(c) {
        const refused = refusedForm(c, '/api/invitations/accept')
        const token = refused.values['token'] ?? c.req.param('token') ?? ''
        const joined = d.joinStream(token, c.get('isSecure'))
        if (joined) {
          c.header('set-cookie', joined.setCookie)
          c.header('referrer-policy', 'no-referrer')
          c.header('cache-control', 'no-store')
          return c.redirect(joined.path)
        }
        const row = await d.users.linkOf(token)
        if (!row) return show(c, <DeadLinkPage {...entry(c)} />, 410)
        const isNew = row.status === 'invited'
        return show(
          c,
          <JoinPage {...entry(c)} token={token} email={row.email} name={row.name} isNew={isNew} {...refused} />,
        )
      },
    },
  ]
}

function entry(c: HttpContext) {
  const files = c.get('pageFiles') ?? { cssUrl: '', jsUrl: '', iconUrl: '' }
  return { files, theme: themeOf(c), host: new URL(c.req.url).hostname }
}

function show(c: HttpContext, page: Parameters<typeof replyPage>[1], status = 200): Response {
  // The address may hold a token. Not `no-referrer`: browsers then send `Origin: null` with the form itself.
  return replyPage(c, page, { status, headers: new Headers({ 'referrer-policy': 'strict-origin' }) })
}

function readProblem(c: HttpContext): SignInProblem | undefined {
  const { success, data } = refusal.safeParse(c.req.query())
  return success ? { kind: data.error, waitSeconds: data.wait_seconds } : undefined
}
