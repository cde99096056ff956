/** @jsxImportSource hono/jsx */
import { z } from 'zod'
import { endpoint, type HttpContext } from '../http/endpoint.ts'
import { reply, wantsHtml } from '../http/reply.tsx'
import { CopyField } from '../ui/copy.tsx'
import { once } from './account.routes.tsx'
import type { Accounts } from './accounts.ts'
import { keyCreate, keyPatch, keyResource, userCreate, userParams, userPatch, userResource } from './users.schema.ts'
import { toUserResource } from './users.resource.ts'

const USER_EXAMPLE = {
  id: 2,
  email: 'ines@example.org',
  name: 'Ines',
  role: 'editor',
  status: 'invited',
  two_factor: false,
  last_seen_at: null,
  created_at: '2026-11-21T10:31:07.000Z',
  updated_at: '2026-11-21T10:31:07.000Z',
} as const
const LINK = 'https://weir.example.org/join/Zm9yIGV4YW1wbGU'
const KEY_EXAMPLE = {
  id: 1,
  user_id: 1,
  name: 'Companion on the vision desk',
  prefix: 'weir_4f2a91c0',
  scopes: ['operate'],
  expires_at: null,
  last_used_at: null,
  created_at: '2026-11-21T10:31:07.000Z',
} as const

export type UserRoutesDeps = Accounts & {
  /** Where people reach Weir. */
  urlOf(c: HttpContext): string
}

/** People, for administrators. */
export function createUserRoutes({ users, sessions, apiKeys, urlOf }: UserRoutesDeps) {
  const tag = 'users'
  const toLink = (c: HttpContext, token: string) => `${urlOf(c)}/join/${token}`

  /** The link, once: people who have no mail server carry it themselves. */
  function shown(c: HttpContext, name: string, link: string, what: string): Response {
    return once(
      c,
      what,
      <>
        <p>Send this link to {name}. It works once, within 7 days.</p>
        <CopyField label="Link" text={link} />
      </>,
      { back: '/users' },
    )
  }

  return {
    list: endpoint({
      summary: 'All people.',
      tag,
      response: z.array(userResource),
      example: { response: [USER_EXAMPLE] },
      handle: ({ c }) => reply(c, { json: users.all().map(toUserResource) }),
    }),
    create: endpoint({
      summary: 'Invites somebody; the answer has the link, once.',
      tag,
      body: userCreate,
      status: 201,
      response: userResource,
      example: {
        request: { email: 'ines@example.org', name: 'Ines', role: 'editor' },
        response: { ...USER_EXAMPLE, link: LINK },
      },
      refusals: ['conflict'],
      page: '/users',
      async handle({ c, body }) {
        const { row, token } = await users.invite(body)
        const link = toLink(c, token)
        const location = `/api/users/${row.id}`
        if (!wantsHtml(c)) return reply(c, { json: { ...toUserResource(row), link }, status: 201, location })
        const answer = shown(c, row.name, link, 'Invitation')
        answer.headers.set('location', location)
        return answer
      },
    }),
    get: endpoint({
      summary: 'One person.',
      tag,
      params: userParams,
      response: userResource,
      example: { response: USER_EXAMPLE },
      handle: ({ c, params }) => reply(c, { json: toUserResource(users.find(params.id)) }),
    }),
    edit: endpoint({
      summary: 'Change name, address, role or status. What they have open ends where they may less.',
      tag,
      params: userParams,
      body: userPatch,
      response: userResource,
      example: { request: { role: 'operator' }, response: { ...USER_EXAMPLE, role: 'operator' } },
      refusals: ['conflict'],
      page: '/users/:id',
      async handle({ c, params, body }) {
        const before = users.find(params.id)
        const row = await users.edit(params.id, body)
        if (row.status === 'disabled' || row.role !== before.role) await sessions.endOf(row.id)
        return reply(c, { json: toUserResource(row), redirect: '/users' })
      },
    }),
    remove: endpoint({
      summary: 'Deletes somebody with their sessions and keys.',
      tag,
      params: userParams,
      status: 204,
      refusals: ['conflict'],
      async handle({ c, params }) {
        await users.remove(params.id)
        await sessions.endOf(params.id)
        apiKeys.forgetOf(params.id)
        return reply(c, { json: undefined, status: 204, redirect: '/users', leave: true })
      },
    }),
    reset: endpoint({
      summary: 'A link to a new password; the answer has it, once. Using it ends two-factor sign-in and all sessions.',
      tag,
      params: userParams,
      status: 202,
      response: userResource,
      example: { response: { ...USER_EXAMPLE, status: 'active', link: LINK } },
      refusals: ['conflict'],
      async handle({ c, params }) {
        const { row, token } = await users.reset(params.id)
        const link = toLink(c, token)
        if (!wantsHtml(c)) return reply(c, { json: { ...toUserResource(row), link }, status: 202 })
        return shown(c, row.name, link, 'A new password')
      },
    }),
  }
}

/** Keys for programs: one's own, and for administrators all. */
export function createKeyRoutes({ apiKeys }: Pick<Accounts, 'apiKeys'>) {
  const tag = 'keys'
  const form = { expires_at: 'text', expires_days: 'none' } as const

  return {
    list: endpoint({
      summary: 'My keys; for administrators all.',
      tag,
      response: z.array(keyResource),
      example: { response: [KEY_EXAMPLE] },
      handle: ({ c, actor }) => reply(c, { json: apiKeys.list(actor) }),
    }),
    create: endpoint({
      summary: 'A new key; the answer has it, once. It may what its scopes and its maker may.',
      tag,
      body: keyCreate,
      form,
      status: 201,
      response: keyResource,
      example: {
        request: { name: KEY_EXAMPLE.name, scopes: ['operate'] },
        response: { ...KEY_EXAMPLE, key: 'weir_4f2a91c0_...' },
      },
      refusals: ['conflict'],
      page: '/account',
      async handle({ c, body, actor }) {
        const key = await apiKeys.create(body, actor)
        const location = `/api/keys/${key.id}`
        if (!wantsHtml(c)) return reply(c, { json: key, status: 201, location })
        const answer = once(c, 'Your new key', <CopyField label={key.name} text={key.key ?? ''} />)
        answer.headers.set('location', location)
        return answer
      },
    }),
    get: endpoint({
      summary: 'One key.',
      tag,
      params: userParams,
      response: keyResource,
      example: { response: KEY_EXAMPLE },
      handle: ({ c, params, actor }) => reply(c, { json: apiKeys.get(params.id, actor) }),
    }),
    edit: endpoint({
      summary: 'Change name, scopes or end of a key.',
      tag,
      params: userParams,
      body: keyPatch,
      form,
      response: keyResource,
      example: { request: { name: 'Vision desk' }, response: { ...KEY_EXAMPLE, name: 'Vision desk' } },
      async handle({ c, params, body, actor }) {
        return reply(c, { json: await apiKeys.edit(params.id, body, actor), redirect: '/account' })
      },
    }),
    remove: endpoint({
      summary: 'Takes a key back, at once.',
      tag,
      params: userParams,
      status: 204,
      async handle({ c, params, actor }) {
        await apiKeys.remove(params.id, actor)
        return reply(c, { json: undefined, status: 204, redirect: '/account', leave: true })
      },
    }),
  }
}
