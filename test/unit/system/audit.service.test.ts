import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { migrations } from '../../../src/assets.ts'
import { openDatabase } from '../../../src/db/client.ts'
import { migrate } from '../../../src/db/migrate.ts'
import type { AuditEntry } from '../../../src/http/audit.ts'
import { createManualClock } from '../../../src/lib/clock.ts'
import { createLog } from '../../../src/lib/log.ts'
import { createAudit } from '../../../src/system/audit.service.ts'
import { tempDir } from '../../support/temp.ts'

const DAY = 24 * 60 * 60 * 1000

async function setup(keepDays = 400) {
  const clock = createManualClock()
  const lines: string[] = []
  const log = createLog({ level: 'debug', format: 'human', write: (line) => lines.push(line) })
  const db = await openDatabase({ url: `file:${join(tempDir('audit'), 'weir.db')}`, log })
  await migrate({ client: db.client, migrations, copyDir: null, wallMs: clock.wall(), log })
  const audit = createAudit({ db, clock, log, keepDays, read: async () => null })
  const entry = (o: Partial<AuditEntry> = {}): AuditEntry => ({
    actor: { id: 'user:1', name: 'Ruth' },
    address: '192.0.2.1',
    action: 'input.start',
    target: 'input:1',
    status: 202,
    code: null,
    requestId: 'r',
    before: null,
    after: null,
    ...o,
  })
  const all = async () => (await audit.page({ limit: 200 })).items
  return { clock, audit, db, entry, all, lines }
}
const anonymous = { id: 'anonymous', name: 'anonymous' }

test('a stranger fills no disk: sixty a minute from one place, then a count of what was left out', async () => {
  const { clock, audit, entry, all } = await setup()
  const knock = (address: string) =>
    audit.write(entry({ actor: anonymous, address, status: 401, code: 'auth.wrong_key' }))
  for (let i = 0; i < 100; i++) await knock('192.0.2.9')
  expect(await all()).toHaveLength(60)
  await knock('192.0.2.10')
  for (let i = 0; i < 100; i++) await audit.write(entry())
  expect((await all()).length).toBe(161)
  clock.advance(61_000)
  await knock('192.0.2.9')
  expect((await all())[0]).toMatchObject({ address: '192.0.2.9', after: { left_out: 40 } })
})

test('what is too old goes, in parts, and nothing else', async () => {
  const { clock, audit, db, entry, all } = await setup(10)
  for (let i = 0; i < 1200; i++) await audit.write(entry({ target: 'input:old' }))
  clock.advance(9 * DAY)
  await audit.write(entry({ target: 'input:new' }))
  await audit.sweep()
  expect((await db.client.execute('SELECT count(*) AS n FROM audit')).rows[0]?.['n']).toBe(1201)
  clock.advance(2 * DAY)
  await audit.sweep()
  expect((await all()).map(({ target }) => target)).toEqual(['input:new'])
})

describe('asking', () => {
  test('by who, by name or id; by what and on which thing; by time', async () => {
    const { clock, audit, entry } = await setup()
    await audit.write(entry())
    clock.advance(1000)
    await audit.write(entry({ actor: { id: 'key:2', name: 'Desk' }, action: 'input.stop', target: 'input:2' }))
    const ids = async (query: object) => (await audit.page(query)).items.map(({ id }) => id)
    expect(await ids({ actor: 'Ruth' })).toEqual([1])
    expect(await ids({ actor: 'key:2' })).toEqual([2])
    expect(await ids({ action: 'input.stop' })).toEqual([2])
    expect(await ids({ target: 'input:1' })).toEqual([1])
    expect(await ids({ from: new Date(clock.wall()).toISOString() })).toEqual([2])
    expect(await ids({ to: new Date(clock.wall() - 1).toISOString() })).toEqual([1])
  })

  test('page by page and as lines it is the same, each once', async () => {
    const { audit, entry } = await setup()
    for (let i = 0; i < 450; i++) await audit.write(entry({ target: `input:${i}` }))
    const seen: string[] = []
    for (let cursor: number | undefined; ; ) {
      const page = await audit.page({ limit: 70, cursor })
      seen.push(...page.items.map(({ target }) => target))
      if (page.next_cursor === null) break
      cursor = Number(page.next_cursor)
    }
    const lines = (await new Response(audit.lines({})).text()).trimEnd().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { target: string }).target)).toEqual(seen)
    expect([seen.length, new Set(seen).size]).toEqual([450, 450])
  })
})

test('a long text is cut; a database that fails is told in the log and stops nobody', async () => {
  const { audit, db, entry, all, lines } = await setup()
  await audit.write(entry({ after: { allow_from: Array.from({ length: 500 }, (_, i) => `10.0.${i}.0/24`) } }))
  expect(JSON.stringify((await all())[0]?.after).length).toBeLessThan(700)
  await db.close()
  await audit.write(entry())
  expect(lines.join('\n')).toContain('the audit log could not be written')
})
