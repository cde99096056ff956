import type { Role } from '../../src/lib/access.ts'
import type { Scope } from '../../src/lib/access.ts'
import type { Weir } from './weir.ts'

export const PASSWORD = 'seven swans a-swimming'

export type Caller = { name: string; headers: Record<string, string> }

/** One call as somebody, with their cookie or key; a body is sent as JSON. */
export function callAs(weir: Pick<Weir, 'url'>, caller: Caller, method: string, path: string, body?: unknown) {
  const json = body === undefined ? {} : { 'content-type': 'application/json' }
  return fetch(weir.url + path, {
    method,
    redirect: 'manual',
    headers: { ...caller.headers, ...json },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

/** The session cookie that an answer sets. */
export function sessionOf(answer: Response): string {
  const cookie = answer.headers.getSetCookie().find((each) => /^(__Host-)?weir_session=/.test(each))
  const value = cookie?.split(';')[0] ?? ''
  if (value === '') throw new Error(`no session in an answer of ${answer.status}: ${answer.headers.getSetCookie()}`)
  return value
}

export async function signInAs(weir: Pick<Weir, 'url'>, email: string, password = PASSWORD): Promise<Caller> {
  const answer = await callAs(weir, { name: 'stranger', headers: {} }, 'POST', '/api/session', { email, password })
  if (answer.status !== 201) throw new Error(`sign-in of ${email} answered ${answer.status}: ${await answer.text()}`)
  return { name: email, headers: { cookie: sessionOf(answer) } }
}

/** Somebody of this role, invited by the server's key, with a password, signed in. */
export async function makePerson(weir: Weir, role: Role, name = role as string): Promise<Caller & { id: number }> {
  const email = `${name}@example.org`
  const { id, link } = await weir.ok<{ id: number; link: string }>('POST', '/api/users', { email, name, role })
  const token = link.split('/').at(-1) ?? ''
  const stranger = { name: 'stranger', headers: {} }
  const answer = await callAs(weir, stranger, 'POST', '/api/invitations/accept', { token, password: PASSWORD })
  if (answer.status !== 201) throw new Error(`the invitation answered ${answer.status}: ${await answer.text()}`)
  return { id, name: email, headers: { cookie: sessionOf(answer) } }
}

export async function makeKey(weir: Pick<Weir, 'url'>, maker: Caller, scopes: Scope[], name = scopes.join('-')) {
  const answer = await callAs(weir, maker, 'POST', '/api/keys', { name, scopes })
  const { id, key } = (await answer.json()) as { id: number; key: string }
  if (answer.status !== 201) throw new Error(`a key of ${scopes} answered ${answer.status}`)
  return { id, key, name: `key ${name}`, headers: { 'x-api-key': key } }
}
