import type { Role } from '../../src/lib/access.ts'
import type { ApiApp } from './api-app.ts'

export type StreamAsker = { headers: Record<string, string> }
export const STRANGER: StreamAsker = { headers: {} }

let made = 0

/** Somebody of this role who is signed in. */
export async function makeAsker({ accounts }: Pick<ApiApp, 'accounts'>, role: Role) {
  const name = `${role} ${++made}`
  const { row } = await accounts.users.invite({ email: `${role}-${made}@streams.example.org`, name, role })
  await accounts.users.update(row.id, { status: 'active', passwordHash: 'none' })
  const start = { userId: row.id, userAgent: '', address: '', isSecure: false }
  const cookie = (await accounts.sessions.start(start)).setCookie.split(';')[0] ?? ''
  return { id: row.id, name, role, headers: { cookie } }
}
