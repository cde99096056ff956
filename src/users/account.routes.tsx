/** @jsxImportSource hono/jsx */
import { z } from 'zod'
import { AppError, type FieldError, invalidField } from '../errors.ts'
import { type Actor, endpoint, type HttpContext } from '../http/endpoint.ts'
import { isHtmx, reply, replyPage, wantsHtml } from '../http/reply.tsx'
import { themeOf } from '../http/theme.ts'
import { RecoveryCodes, type Seed, SeedForm } from './two-factor.views.tsx'
import { toDonePath } from './account.views.tsx'
import type { Accounts } from './accounts.ts'
import { OncePage, type OncePageProps } from './setup.views.tsx'
import {
  codeBody,
  meResource,
  mePatch,
  passwordBody,
  passwordOnly,
  recoveryCodes,
  sessionParams,
  sessionResource,
  twoFactorSeed,
} from './users.schema.ts'
import { toMeResource } from './users.resource.ts'

const tag = 'account'
const BACK = '/account'
const SECRETS = { current_password: 'secret', password: 'secret', code: 'text' } as const
const ME_EXAMPLE = {
  id: 1,
  email: 'ruth@example.org',
  name: 'Ruth',
  role: 'admin',
  status: 'active',
  two_factor: false,
  last_seen_at: '2026-11-21T10:31:07.000Z',
  created_at: '2026-11-01T09:00:00.000Z',
  updated_at: '2026-11-01T09:00:00.000Z',
  theme: 'system',
  recovery_codes_left: 0,
} as const

const SESSION_EXAMPLE = {
  id: 'q1w2e3r4t5y6u7i8',
  current: true,
  address: '192.0.2.7',
  user_agent: 'Firefox',
  created_at: '2026-11-21T10:31:07.000Z',
  last_seen_at: '2026-11-21T10:31:07.000Z',
  expires_at: '2026-12-21T10:31:07.000Z',
}

/** One's own account: name, theme, password, second factor, sessions. */
export function createAccountRoutes({ users, sessions, twoFactor, passwords, signInThrottle }: Accounts) {
  const me = (actor: Actor) => users.find(myId(actor))

  /** Asked again before what opens the account to others; wrong tries count as those of the sign-in. */
  async function checkPresent(c: HttpContext, actor: Actor, password: string, path: string): Promise<void> {
    const row = me(actor)
    const address = c.get('clientAddress')
    const giveBack = signInThrottle.begin({ emailKey: row.emailKey, address, known: `session ${row.id}` })
    if (!(await passwords.verify(password, row.passwordHash))) throw invalidField(path, 'This is not your password.')
    giveBack()
  }

  return {
    get: endpoint({
      summary: 'My account.',
      tag,
      response: meResource,
      example: { response: ME_EXAMPLE },
      handle: ({ c, actor }) => reply(c, { json: toMeResource(me(actor)) }),
    }),
    edit: endpoint({
      summary: 'Change my name or theme.',
      tag,
      body: mePatch,
      response: meResource,
      example: { request: { theme: 'dark' }, response: ME_EXAMPLE },
      page: BACK,
      async handle({ c, body, actor }) {
        const { name, theme } = body
        const row = await users.update(myId(actor), { ...(name !== undefined && { name }), ...(theme && { theme }) })
        const answer = reply(c, { json: toMeResource(row), redirect: toDonePath('saved') })
        const maxAge = row.theme === 'system' ? 0 : 365 * 86_400
        answer.headers.append('set-cookie', `theme=${row.theme}; Max-Age=${maxAge}; Path=/; SameSite=Lax`)
        return answer
      },
    }),
    password: endpoint({
      summary: 'Change my password. All my other sessions end.',
      tag,
      body: passwordBody,
      form: SECRETS,
      status: 204,
      example: { request: { current_password: 'seven swans a-swimming', password: 'eight maids a-milking' } },
      refusals: ['busy'],
      page: BACK,
      async handle({ c, body, actor }) {
        await checkPresent(c, actor, body.current_password, 'current_password')
        await users.changePassword(myId(actor), body.password)
        await sessions.endOf(myId(actor), actor.sessionId)
        return reply(c, { json: undefined, status: 204, redirect: toDonePath('password') })
      },
    }),
    beginTwoFactor: endpoint({
      summary: 'A new seed for two-factor sign-in; it counts once a code of it was shown.',
      tag,
      body: passwordOnly,
      form: SECRETS,
      status: 201,
      response: twoFactorSeed,
      example: {
        request: { password: 'seven swans a-swimming' },
        response: {
          secret: 'JBSWY3DPEHPK3PXP',
          otpauth_url: 'otpauth://totp/Weir:ruth@example.org?secret=JBSWY3DPEHPK3PXP',
        },
      },
      refusals: ['conflict', 'busy'],
      page: BACK,
      async handle({ c, body, actor }) {
        await checkPresent(c, actor, body.password, 'password')
        const seed = await twoFactor.begin(myId(actor))
        return wantsHtml(c) ? showSeed(c, seed) : reply(c, { json: seed, status: 201 })
      },
    }),
    confirmTwoFactor: endpoint({
      summary: 'Turns two-factor sign-in on, with a code of the new seed. Answers the recovery codes, once.',
      tag,
      body: codeBody,
      form: { code: 'name' },
      response: recoveryCodes,
      example: { request: { code: '123456' }, response: { recovery_codes: ['ABCD-EFGH-IJKL-MNOP'] } },
      refusals: ['conflict'],
      page({ c, errors }) {
        const seed = twoFactor.pending(myId(c.get('actor')))
        return seed ? showSeed(c, seed, errors) : BACK
      },
      async handle({ c, body, actor }) {
        const codes = await twoFactor.confirm(myId(actor), body.code)
        await sessions.endOf(myId(actor), actor.sessionId)
        if (!wantsHtml(c)) return reply(c, { json: { recovery_codes: codes } })
        return once(c, 'Recovery codes', <RecoveryCodes codes={codes} />)
      },
    }),
    endTwoFactor: endpoint({
      summary: 'Turns two-factor sign-in off.',
      tag,
      body: passwordOnly,
      form: SECRETS,
      status: 204,
      example: { request: { password: 'seven swans a-swimming' } },
      refusals: ['busy'],
      page: BACK,
      async handle({ c, body, actor }) {
        await checkPresent(c, actor, body.password, 'password')
        await twoFactor.end(myId(actor))
        return reply(c, { json: undefined, status: 204, redirect: toDonePath('two-factor') })
      },
    }),
    sessions: endpoint({
      summary: 'Where I am signed in.',
      tag,
      response: z.array(sessionResource),
      example: { response: [SESSION_EXAMPLE] },
      handle: ({ c, actor }) => reply(c, { json: sessions.list(myId(actor), actor.sessionId) }),
    }),
    endOthers: endpoint({
      summary: 'Signs me out everywhere but here.',
      tag,
      status: 204,
      async handle({ c, actor }) {
        await sessions.endOf(myId(actor), actor.sessionId)
        return reply(c, { json: undefined, status: 204, redirect: BACK, leave: true })
      },
    }),
    endSession: endpoint({
      summary: 'Ends one of my sessions.',
      tag,
      params: sessionParams,
      status: 204,
      async handle({ c, params, actor }) {
        await sessions.endOne(myId(actor), params.id)
        return reply(c, { json: undefined, status: 204, redirect: BACK, leave: true })
      },
    }),
  }
}

function myId(actor: Actor): number {
  if (actor.user) return actor.user.id
  throw new AppError({
    kind: 'forbidden',
    code: 'auth.no_person',
    message: 'This belongs to a person. You are signed in with the key of the server; set up an account first.',
  })
}

/** What the app is to read, and the form for its code: again after one that was not right. */
function showSeed(c: HttpContext, seed: Seed, errors: readonly FieldError[] = []): Response {
  return once(c, 'Two-factor sign-in', <SeedForm seed={seed} errors={errors} />, { hasForm: true })
}

/** Shown this once: to a browser on a page of its own. */
export function once(
  c: HttpContext,
  title: string,
  body: OncePageProps['children'],
  { back = BACK, hasForm = false }: { back?: string; hasForm?: boolean } = {},
): Response {
  const files = c.get('pageFiles') ?? { cssUrl: '', jsUrl: '', iconUrl: '' }
  const page = (
    <OncePage {...{ title, files, back, hasForm }} theme={themeOf(c)}>
      {body}
    </OncePage>
  )
  return replyPage(c, page, { status: isHtmx(c) ? 200 : 201 })
}
