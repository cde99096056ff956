import { afterEach, describe, expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrate as drizzleMigrate } from 'drizzle-orm/libsql/migrator'
import { type Migration, migrations } from '../../../src/assets.ts'
import { openDatabase } from '../../../src/db/client.ts'
import { migrate } from '../../../src/db/migrate.ts'
import { createLog } from '../../../src/lib/log.ts'

const log = createLog({ level: 'error', format: 'json', write: () => undefined })
const dirs: string[] = []
afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true })
})

async function setup() {
  const dir = mkdtempSync(join(tmpdir(), 'weir-db-'))
  dirs.push(dir)
  const db = await openDatabase({ url: `file:${join(dir, 'weir.db')}`, log })
  let wallMs = Date.UTC(2026, 0, 1)
  const run = (list: Migration[]) =>
    migrate({ client: db.client, migrations: list, copyDir: dir, wallMs: wallMs++, log })
  const copies = () => readdirSync(dir).filter((name) => /^weir-\d+\.db$/.test(name))
  const tables = async () =>
    (await db.client.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")).rows.map(
      (row) => row['name'],
    )
  return { dir, db, run, copies, tables }
}

const one: Migration = {
  tag: '0000_one',
  when: 100,
  sql: 'CREATE TABLE a (x);--> statement-breakpoint\nCREATE TABLE b (x);',
}
const two: Migration = { tag: '0001_two', when: 200, sql: 'CREATE TABLE c (x);' }
const broken: Migration = {
  tag: '0002_bad',
  when: 300,
  sql: 'CREATE TABLE d (x);--> statement-breakpoint\nCREATE TABLE a (x);',
}

describe('migrate', () => {
  test('a new database gets all, without a copy; the second time there is nothing to do', async () => {
    const { db, run, copies, tables } = await setup()
    expect(await run([one, two])).toEqual(['0000_one', '0001_two'])
    expect(await tables()).toEqual(expect.arrayContaining(['a', 'b', 'c']))
    expect(await run([one, two])).toEqual([])
    expect(copies()).toEqual([])
    await db.close()
  })

  test('an old database is copied first and keeps its rows', async () => {
    const { dir, db, run, copies } = await setup()
    await run([one])
    await db.client.execute('INSERT INTO a VALUES (42)')
    expect(await run([one, two])).toEqual(['0001_two'])
    expect(copies()).toHaveLength(1)
    const copy = await openDatabase({ url: `file:${join(dir, copies()[0] ?? '')}`, log })
    expect((await copy.client.execute('SELECT x FROM a')).rows[0]?.['x']).toBe(42)
    expect(copy.client.execute('SELECT x FROM c')).rejects.toThrow('no such table')
    await copy.close()
    await db.close()
  })

  test('the last three copies stay, and no other file is touched', async () => {
    const { dir, db, run, copies } = await setup()
    await Bun.write(join(dir, 'weir-notes.db'), 'mine')
    const list = [one]
    await run(list)
    for (let i = 1; i <= 5; i++) {
      list.push({ tag: `step${i}`, when: 200 + i, sql: `CREATE TABLE t${i} (x)` })
      await run(list)
    }
    expect(copies().sort()).toEqual(['003', '004', '005'].map((ms) => `weir-20260101000000${ms}.db`))
    expect(readFileSync(join(dir, 'weir-notes.db'), 'utf8')).toBe('mine')
    await db.close()
  })

  test('a migration that fails leaves nothing of itself', async () => {
    const { db, run, tables } = await setup()
    await run([one])
    expect(run([one, two, broken])).rejects.toThrow()
    expect(await tables()).not.toContain('d')
    expect(await run([one, two])).toEqual([])
    await db.close()
  })

  test('a newer database is refused and not changed', async () => {
    const { db, run, tables, copies } = await setup()
    await run([one, two])
    const before = await tables()
    expect(run([one])).rejects.toMatchObject({ code: 'database.newer' })
    expect(await tables()).toEqual(before)
    expect(copies()).toEqual([])
    await db.close()
  })

  test("drizzle's own migrator finds nothing left to do, and the other way round", async () => {
    const { db, run } = await setup()
    await run(migrations)
    const count = async () => (await db.client.execute('SELECT count(*) AS n FROM __drizzle_migrations')).rows[0]?.['n']
    expect(await count()).toBe(migrations.length)
    await drizzleMigrate(db.orm, { migrationsFolder: 'migrations' })
    expect(await count()).toBe(migrations.length)
    await db.close()

    const other = await setup()
    await drizzleMigrate(other.db.orm, { migrationsFolder: 'migrations' })
    expect(await other.run(migrations)).toEqual([])
    const { rows } = await other.db.client.execute('SELECT hash FROM __drizzle_migrations ORDER BY created_at')
    expect(rows.map((row) => String(row['hash']))).toEqual(
      migrations.map(({ sql }) => new Bun.CryptoHasher('sha256').update(sql).digest('hex')),
    )
    await other.db.close()
  })
})

test('the embedded list is the folder', () => {
  const files = readdirSync('migrations')
    .filter((name) => name.endsWith('.sql'))
    .sort()
  expect(migrations.map(({ tag }) => `${tag}.sql`)).toEqual(files)
  for (const { tag, sql } of migrations) expect(sql).toBe(readFileSync(`migrations/${tag}.sql`, 'utf8'))
  expect(migrations.map(({ when }) => when)).toEqual(migrations.map(({ when }) => when).sort((a, b) => a - b))
})
