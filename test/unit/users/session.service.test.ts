import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { migrations } from '../../../src/assets.ts'
import { openDatabase } from '../../../src/db/client.ts'
import { migrate } from '../../../src/db/migrate.ts'
import { createManualClock } from '../../../src/lib/clock.ts'
import { createLog } from '../../../src/lib/log.ts'
import { openSessions, type SessionDeps } from '../../../src/users/session.service.ts'
import { openUsers } from '../../../src/users/users.service.ts'
import { tempDir } from '../../support/temp.ts'

const DAY = 24 * 60 * 60 * 1000
const plainPasswords = { hash: async (text: string) => `hash of ${text}`, verify: async () => true }

async function setup() {
  const clock = createManualClock()
  const log = createLog({ level: 'debug', format: 'human', write: () => undefined })
  const db = await openDatabase({ url: `file:${join(tempDir('sessions'), 'weir.db')}`, log })
  await migrate({ client: db.client, migrations, copyDir: null, wallMs: clock.wall(), log })
  const users = await openUsers({ db, clock, log, passwords: plainPasswords })
  const person = { email: 'ruth@example.org', name: 'Ruth', password: 'seven swans a-swimming' }
  const ruth = await users.setUp(person, () => true)
  const deps = {
    db,
    clock,
    log,
    users,
    secretKey: new Uint8Array(32).fill(3),
    apiKey: 'key',
    cookieName: 'weir_session',
  }
  const open = (o: Partial<SessionDeps> = {}) => openSessions({ ...deps, ...o })
  const rows = async () => (await db.client.execute('SELECT * FROM sessions ORDER BY created_at')).rows
  const sessions = await open()
  const start = async (userId: number | null, o: { isSecure?: boolean; userAgent?: string } = {}) =>
    (await sessions.start({ userId, userAgent: 'test', address: '192.0.2.1', isSecure: false, ...o })).setCookie
  const signIn = async (userId: number | null = ruth.id) => valueIn(await start(userId))
  return { clock, open, rows, sessions, start, signIn, users, ruth }
}
const valueIn = (cookie: string) => /^[\w-]+=([^;]*)/.exec(cookie)?.[1] ?? ''

describe('cookie', () => {
  test('its flags; behind TLS no neighbour can set it', async () => {
    const { sessions, start } = await setup()
    expect(await start(null)).toMatch(/^weir_session=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/)
    expect(sessions.forget(false)).toBe('weir_session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax')
    expect(await start(null, { isSecure: true })).toMatch(
      /^__Host-weir_session=.*; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
    )
    expect(sessions.forget(true)).toStartWith('__Host-weir_session=;')
  })

  test('names the person; the database holds a hash', async () => {
    const { sessions, rows, start, ruth } = await setup()
    const value = valueIn(await start(ruth.id, { userAgent: 'Firefox'.repeat(100) }))
    expect(sessions.identify(value)).toMatchObject({
      kind: 'session',
      id: `user:${ruth.id}`,
      name: 'Ruth',
      role: 'admin',
      scopes: null,
    })
    const [row] = await rows()
    expect(JSON.stringify(row)).not.toContain(value)
    expect(String(row?.['user_agent'])).toHaveLength(200)
  })

  test.each(['', 'x', 'v1.a.b.c.d.e', 'a'.repeat(43)])('%p names nobody', async (value) => {
    expect((await setup()).sessions.identify(value)).toBeNull()
  })
})

describe('time', () => {
  test('seven days unused and it is over, for the open stream too', async () => {
    const { sessions, clock, signIn } = await setup()
    const value = await signIn()
    const isCurrent = sessions.identify(value)?.isCurrent
    clock.advance(7 * DAY - 1)
    expect(isCurrent?.()).toBe(true)
    clock.advance(1)
    expect([isCurrent?.(), sessions.identify(value)]).toEqual([false, null])
  })

  test('used every day it ends after thirty', async () => {
    const { sessions, clock, signIn, open } = await setup()
    const value = await signIn()
    for (let day = 0; day < 29; day++) {
      clock.advance(DAY)
      expect(sessions.identify(value)).not.toBeNull()
    }
    // What was used last survives a start of the server.
    expect((await open()).identify(value)).not.toBeNull()
    clock.advance(DAY)
    expect(sessions.identify(value)).toBeNull()
  })
})

describe('the end', () => {
  test('signed out, the cookie is void everywhere, after a restart too; others stay', async () => {
    const { sessions, open, rows, signIn } = await setup()
    const [mine, other] = [await signIn(), await signIn()]
    const isCurrent = sessions.identify(mine)?.isCurrent
    await sessions.end(mine)
    expect([sessions.identify(mine), isCurrent?.()]).toEqual([null, false])
    const next = await open()
    expect(next.identify(mine)).toBeNull()
    expect(next.identify(other)?.kind).toBe('session')
    await sessions.end('nonsense')
    expect(await rows()).toHaveLength(1)
  })

  test('somebody who may not come in any more, or may less, loses what is open', async () => {
    const { sessions, users, ruth, signIn } = await setup()
    const { row } = await users.invite({ email: 'ines@example.org', name: 'Ines', role: 'admin' })
    await users.update(row.id, { status: 'active', passwordHash: 'x' })
    const value = await signIn(row.id)
    const before = sessions.identify(value)
    await users.edit(row.id, { role: 'viewer' })
    expect([before?.isCurrent?.(), sessions.identify(value)?.role]).toEqual([false, 'viewer'])
    const viewer = sessions.identify(value)
    await users.edit(row.id, { status: 'disabled' })
    expect([viewer?.isCurrent?.(), sessions.identify(value)]).toEqual([false, null])
    expect(users.active(ruth.id)?.role).toBe('admin')
  })

  test('a new API key ends those that began with the old one, and no others', async () => {
    const { open, signIn } = await setup()
    const [byKey, byPerson] = [await signIn(null), await signIn()]
    const next = await open({ apiKey: 'other' })
    expect([next.identify(byKey), next.identify(byPerson)?.name]).toEqual([null, 'Ruth'])
  })

  test('all but one; all of the key; one by its name, of oneself alone', async () => {
    const { sessions, signIn, ruth } = await setup()
    const [a, b, key] = [await signIn(), await signIn(), await signIn(null)]
    const idOf = (value: string) => sessions.identify(value)?.sessionId ?? ''
    await sessions.endOf(ruth.id, idOf(b))
    expect([a, b, key].map((value) => sessions.identify(value) !== null)).toEqual([false, true, true])
    await expect(sessions.endOne(ruth.id, idOf(key))).rejects.toThrow('no such session')
    await sessions.endOfKey()
    expect(sessions.identify(key)).toBeNull()
    expect(sessions.list(ruth.id, idOf(b))).toMatchObject([{ current: true, address: '192.0.2.1' }])
    await sessions.endOne(ruth.id, idOf(b))
    expect(sessions.list(ruth.id, undefined)).toEqual([])
  })

  test('what expired while nobody looked leaves the table at the next start', async () => {
    const { rows, open, clock, signIn } = await setup()
    await signIn()
    clock.advance(31 * DAY)
    await open()
    expect(await rows()).toHaveLength(0)
  })

  test('twenty-one of one person: the oldest goes', async () => {
    const { sessions, clock, signIn } = await setup()
    const values: string[] = []
    for (let i = 0; i < 21; i++) {
      values.push(await signIn())
      clock.advance(1)
    }
    expect(values.map((value) => sessions.identify(value) !== null)).toEqual([false, ...Array(20).fill(true)])
  })
})
