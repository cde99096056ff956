import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { migrations } from '../../../src/assets.ts'
import { openDatabase } from '../../../src/db/client.ts'
import { migrate } from '../../../src/db/migrate.ts'
import { createManualClock } from '../../../src/lib/clock.ts'
import { createLog } from '../../../src/lib/log.ts'
import { openUsers } from '../../../src/users/users.service.ts'
import { tempDir } from '../../support/temp.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const PASSWORD = 'seven swans a-swimming'
const passwords = { hash: async (text: string) => `hash of ${text}`, verify: async () => true }

async function setup() {
  const clock = createManualClock()
  const log = createLog({ level: 'debug', format: 'human', write: () => undefined })
  const db = await openDatabase({ url: `file:${join(tempDir('users'), 'weir.db')}`, log })
  await migrate({ client: db.client, migrations, copyDir: null, wallMs: clock.wall(), log })
  const users = await openUsers({ db, clock, log, passwords })
  const enter = async (name: string, role: 'admin' | 'viewer') => {
    const { token } = await users.invite({ email: `${name}@example.org`, name, role })
    return { row: await users.accept(token, undefined, PASSWORD), token }
  }
  return { clock, users, join: enter }
}

const codes = (settled: PromiseSettledResult<unknown>[]) =>
  settled.map((each) => (each.status === 'fulfilled' ? 'done' : (each.reason as { code?: string }).code)).sort()

test('two set-ups at once make one administrator, and spend one token', async () => {
  const { users } = await setup()
  let spent = 0
  const setUp = (name: string) =>
    users.setUp({ email: `${name}@example.org`, name, password: PASSWORD }, () => ++spent === 1)
  expect(codes(await Promise.allSettled([setUp('ann'), setUp('ben')]))).toEqual(['done', 'not_found'])
  expect([users.all().length, spent]).toEqual([1, 1])
})

test('two administrators who put each other out at once leave one', async () => {
  for (const act of ['demote', 'shut out', 'delete']) {
    const { users, join } = await setup()
    const [ann, ben] = [(await join('ann', 'admin')).row, (await join('ben', 'admin')).row]
    const out = (id: number) =>
      act === 'delete'
        ? users.remove(id)
        : users.edit(id, act === 'demote' ? { role: 'viewer' } : { status: 'disabled' })
    expect(codes(await Promise.allSettled([out(ann.id), out(ben.id)]))).toEqual(['done', 'user.last_admin'])
    expect(users.firstAdmin()).not.toBeNull()
  }
})

test('a link is spent once by many at once, and dies with the next one and after seven days', async () => {
  const { clock, users, join } = await setup()
  await join('ann', 'admin')
  const { row } = await join('ben', 'viewer')
  const { token } = await users.reset(row.id)
  const accept = (link: string) => users.accept(link, undefined, PASSWORD)
  expect(codes(await Promise.allSettled([accept(token), accept(token), accept(token)]))).toEqual([
    'done',
    'link.used',
    'link.used',
  ])
  const first = (await users.reset(row.id)).token
  const second = (await users.reset(row.id)).token
  expect([await users.linkOf(first), (await users.linkOf(second))?.id]).toEqual([null, row.id])
  clock.advance(7 * DAY_MS - 1)
  expect(await users.linkOf(second)).not.toBeNull()
  clock.advance(1)
  expect(await users.linkOf(second)).toBeNull()
})

test('a link is void once its person has chosen another password or is shut out, and who is shut out gets none', async () => {
  const { users, join } = await setup()
  await join('ann', 'admin')
  const { row } = await join('ben', 'viewer')
  const before = (await users.reset(row.id)).token
  await users.changePassword(row.id, 'nine ladies dancing')
  expect(await users.linkOf(before)).toBeNull()
  const { token } = await users.reset(row.id)
  await users.edit(row.id, { status: 'disabled' })
  expect(codes(await Promise.allSettled([users.reset(row.id)]))).toEqual(['user.disabled'])
  await users.edit(row.id, { status: 'active' })
  expect(await users.linkOf(token)).toBeNull()
  expect(await users.linkOf((await users.reset(row.id)).token)).not.toBeNull()
})
