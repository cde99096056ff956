import { z } from 'zod'
import { AppError } from '../errors.ts'
import { endpoint } from '../http/endpoint.ts'
import { reply } from '../http/reply.tsx'
import type { Users } from './users.service.ts'

const body = z.strictObject({ email: z.string().trim().max(254).nullable() })

export type SignInLinkDeps = {
  users: Pick<Users, 'byEmail' | 'firstAdmin' | 'hasAdmin'>
  /** Makes the address that signs in once; an earlier one is void. */
  makeUrl(email: string | null): string
}

/** A link that signs a browser in: for the command line alone, which may do all. */
export function createSignInLinkRoutes({ users, makeUrl }: SignInLinkDeps) {
  return {
    create: endpoint({
      summary: 'A link that signs a browser in, once; without an address for the first administrator.',
      tag: 'session',
      body,
      status: 201,
      response: z.object({ link: z.string() }),
      refusals: ['not_found', 'conflict'],
      handle({ c, body: { email } }) {
        if (email !== null) c.set('about', { email })
        checkWhom(users, email)
        return reply(c, { json: { link: makeUrl(email) }, status: 201 })
      },
    }),
  }
}

/** A link that nobody can use would only make the last one void. @throws AppError not_found; conflict */
function checkWhom(users: SignInLinkDeps['users'], email: string | null): void {
  if (email === null) {
    // Where there is no administrator at all it leads to the set-up.
    if (!users.hasAdmin() || users.firstAdmin()) return
    throw cannot('No administrator has a password yet. `weir user reset EMAIL` prints a link to one.')
  }
  const row = users.byEmail(email)
  if (!row)
    throw new AppError({ kind: 'not_found', code: 'user.not_found', message: `Nobody has the address ${email}.` })
  if (row.status === 'disabled') throw cannot(`${row.email} is shut out. An administrator can change that.`)
  if (row.status === 'invited')
    throw cannot(`${row.email} has no password yet. \`weir user reset ${row.email}\` prints a link to one.`)
}

const cannot = (message: string) => new AppError({ kind: 'conflict', code: 'user.not_active', message })
