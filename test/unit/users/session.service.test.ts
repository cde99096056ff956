import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { migrations } from '../../../src/assets.ts'
import { openDatabase } from '../../../src/db/client.ts'
import { migrate } from '../../../src/db/migrate.ts'
import { createManualClock } from '../../../src/lib/clock.ts'
import { createLog } from '../../../src/lib/log.ts'
import { openSessions, type SessionDeps } from '../../../src/users/session.service.ts'
import { tempDir } from '../../support/temp.ts'

const DAY = 24 * 60 * 60 * 1000

async function setup() {
  const clock = createManualClock()
  const log = createLog({ level: 'debug', format: 'human', write: () => undefined })
  const db = await openDatabase({ url: `file:${join(tempDir('sessions'), 'weir.db')}`, log })
  await migrate({ client: db.client, migrations, copyDir: null, wallMs: clock.wall(), log })
  const deps = { db, clock, log, secretKey: new Uint8Array(32).fill(3), apiKey: 'key' }
  const open = (o: Partial<SessionDeps> = {}) =>
    openSessions({ ...deps, cookieName: 'weir_session', secure: false, ...o })
  const rows = async () => (await db.client.execute('SELECT * FROM sessions ORDER BY created_at')).rows
  return { clock, open, rows, sessions: await open() }
}
type Setup = Awaited<ReturnType<typeof setup>>
const valueIn = (cookie: string) => /^\w+=([^;]*)/.exec(cookie)?.[1] ?? ''
const signIn = async (sessions: Setup['sessions'], userAgent = 'test') => valueIn(await sessions.start({ userAgent }))

describe('cookie', () => {
  test('its flags', async () => {
    const { sessions, open } = await setup()
    const cookie = await sessions.start({ userAgent: '' })
    expect(cookie).toMatch(/^weir_session=v1\.[\w.-]+; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/)
    expect(sessions.forget).toBe('weir_session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax')
    const secure = await open({ secure: true })
    expect(await secure.start({ userAgent: '' })).toEndWith('; SameSite=Lax; Secure')
    expect(secure.forget).toEndWith('; Secure')
  })

  test('names the session that began; the database holds a hash', async () => {
    const { sessions, rows } = await setup()
    const value = await signIn(sessions, 'Firefox'.repeat(100))
    expect(sessions.identify(value)).toMatchObject({ actor: { kind: 'session', name: 'operator' }, setCookie: null })
    const [row] = await rows()
    expect(JSON.stringify(row)).not.toContain(value.split('.')[1]!)
    expect(String(row?.['user_agent'])).toHaveLength(200)
  })

  test.each(['', 'x', 'v1.a.b.c.d.e'])('%p names nobody', async (value) => {
    expect((await setup()).sessions.identify(value)).toBeNull()
  })

  test('well signed, but of a session that is not in the table', async () => {
    const { sessions } = await setup()
    const value = await signIn(sessions)
    expect((await setup()).sessions.identify(value)).toBeNull()
    expect(sessions.identify(value)).not.toBeNull()
  })
})

describe('time', () => {
  test('thirty days unused and it is over, for the open stream too', async () => {
    const { sessions, clock } = await setup()
    const value = await signIn(sessions)
    const isCurrent = sessions.identify(value)?.actor.isCurrent
    clock.advance(30 * DAY - 1)
    expect(isCurrent?.()).toBe(true)
    clock.advance(1)
    expect(isCurrent?.()).toBe(false)
    expect(sessions.identify(value)).toBeNull()
  })

  test('used, it lives on: a new cookie once a day', async () => {
    const { sessions, clock, rows } = await setup()
    let value = await signIn(sessions)
    clock.advance(DAY)
    expect(sessions.identify(value)?.setCookie).toBeNull()
    for (let i = 0; i < 3; i++) {
      clock.advance(20 * DAY)
      value = valueIn(sessions.identify(value)?.setCookie ?? '')
      expect(sessions.identify(value)?.setCookie).toBeNull()
    }
    expect(await rows()).toMatchObject([{ last_seen_at: clock.wall(), expires_at: clock.wall() + 30 * DAY }])
  })
})

describe('the end', () => {
  test('signed out, the cookie is void everywhere, after a restart too; others stay', async () => {
    const { sessions, open, rows } = await setup()
    const [mine, other] = [await signIn(sessions), await signIn(sessions)]
    const isCurrent = sessions.identify(mine)?.actor.isCurrent
    await sessions.end(mine)
    expect([sessions.identify(mine), isCurrent?.()]).toEqual([null, false])
    const next = await open()
    expect(next.identify(mine)).toBeNull()
    expect(next.identify(other)?.actor.kind).toBe('session')
    expect(await rows()).toHaveLength(1)
    await sessions.end('nonsense')
    expect(await rows()).toHaveLength(1)
  })

  test('a new API key ends all', async () => {
    const { sessions, open } = await setup()
    const value = await signIn(sessions)
    expect((await open({ apiKey: 'other' })).identify(value)).toBeNull()
  })

  test('what expired while nobody looked leaves the table at the next start', async () => {
    const { sessions, open, rows, clock } = await setup()
    await signIn(sessions)
    clock.advance(31 * DAY)
    await open()
    expect(await rows()).toHaveLength(0)
  })

  test('two hundred and one: the oldest goes', async () => {
    const { sessions, rows, clock } = await setup()
    const values: string[] = []
    for (let i = 0; i < 201; i++) {
      values.push(await signIn(sessions))
      clock.advance(1)
    }
    expect(await rows()).toHaveLength(200)
    expect(values.map((value) => sessions.identify(value) !== null)).toEqual([false, ...Array(200).fill(true)])
  })
})
