/** @jsxImportSource hono/jsx */
import { type HttpContext, refusedForm } from '../http/endpoint.ts'
import { parse, readParams } from '../http/input.ts'
import type { PageRoute } from '../http/router.ts'
import { may } from '../lib/access.ts'
import { answerLines } from '../system/audit.routes.ts'
import { type AuditQuery, auditQuery } from '../system/audit.schema.ts'
import type { Audit } from '../system/audit.service.ts'
import { AuditLog } from '../system/audit.views.tsx'
import { AccountPage, NoAccount } from '../users/account.views.tsx'
import type { Accounts } from '../users/accounts.ts'
import { userParams } from '../users/users.schema.ts'
import { KeyEndPage } from '../users/keys.views.tsx'
import { toMeResource, toUserResource } from '../users/users.resource.ts'
import { PeoplePage, PersonEndPage, PersonPage } from '../users/users.views.tsx'
import { createPageFrame, type PageFrameDeps } from './page-frame.tsx'

export type PeoplePagesDeps = PageFrameDeps & {
  accounts: Pick<Accounts, 'users' | 'sessions' | 'apiKeys'>
  audit: Pick<Audit, 'page' | 'lines'>
  /** False for a demo, which has no accounts. */
  canSetUp: boolean
}

/** The pages about people: one's own account, everybody, and who did what. */
export function createPeoplePages({ accounts, audit, canSetUp, ...frame }: PeoplePagesDeps): PageRoute[] {
  const show = createPageFrame(frame)
  const { users, sessions, apiKeys } = accounts
  const aside = { page: 'frame', place: 'account' } as const

  return [
    show('/account', 'self', async (c) => {
      const actor = c.get('actor')
      if (!actor.user) return { ...aside, title: 'Your account', body: <NoAccount canSetUp={canSetUp} /> }
      const names = may(actor, 'manage') ? new Map(users.all().map((row) => [row.id, row.name])) : null
      const body = (
        <AccountPage
          me={toMeResource(users.find(actor.user.id))}
          sessions={sessions.list(actor.user.id, actor.sessionId)}
          done={c.req.query('done')}
          keys={{
            ...{ keys: apiKeys.list(actor), role: actor.role, makers: names, nowMs: Date.now() },
            refused: refusedForm(c, '/api/keys'),
          }}
          refused={(action) => refusedForm(c, action)}
        />
      )
      return { ...aside, title: 'Your account', body }
    }),
    show('/account/keys/:id/delete', 'keys', async (c) => {
      const { id } = await readParams(c, userParams)
      const body = <KeyEndPage keyResource={apiKeys.get(id, c.get('actor'))} />
      return { ...aside, title: 'Take back a key', body }
    }),
    show('/users', 'manage', async (c) => {
      const body = (
        <PeoplePage
          users={users.all().map(toUserResource)}
          myId={c.get('actor').user?.id ?? null}
          refused={refusedForm(c, '/api/users')}
        />
      )
      return { page: 'frame', place: 'people', title: 'People', body }
    }),
    show('/users/:id', 'manage', async (c) => {
      const { id } = await readParams(c, userParams)
      const user = toUserResource(users.find(id))
      return {
        page: 'frame',
        place: 'people',
        title: user.name,
        body: <PersonPage user={user} refused={refusedForm(c, `/api/users/${id}`)} />,
      }
    }),
    show('/users/:id/delete', 'manage', async (c) => {
      const { id } = await readParams(c, userParams)
      const user = toUserResource(users.find(id))
      return { page: 'frame', place: 'people', title: `Delete ${user.name}`, body: <PersonEndPage user={user} /> }
    }),
    show('/audit', 'manage', async (c) => {
      const query = readAuditQuery(c)
      const { items, next_cursor } = await audit.page(query)
      const body = <AuditLog query={query} items={items} nextCursor={next_cursor} />
      return { page: 'frame', place: 'audit', title: 'Audit', body }
    }),
    {
      path: '/audit/lines',
      access: 'manage',
      handle: (c) => answerLines(c, audit, readAuditQuery(c), { asFile: true }),
    },
  ]
}

/** What the form of the page asks: an empty field asks nothing, and a time without a zone is UTC. */
function readAuditQuery(c: HttpContext): AuditQuery {
  const asked = Object.entries(c.req.query()).filter(([, value]) => value !== '')
  return parse(
    auditQuery,
    Object.fromEntries(
      asked.map(([name, value]) => [name, /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(value) ? `${value}:00Z` : value]),
    ),
  )
}
