import { describe, expect, test } from 'bun:test'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { openDatabase } from '../../../src/db/client.ts'
import { createLog } from '../../../src/lib/log.ts'

const log = createLog({ level: 'error', format: 'json', write: () => undefined })
const things = sqliteTable('things', {
  id: integer('id').primaryKey(),
  name: text('name').notNull().unique(),
  on: integer('on', { mode: 'boolean' }).notNull(),
  data: text('data', { mode: 'json' }).$type<{ a: number }>(),
})

async function open() {
  const path = join(mkdtempSync(join(tmpdir(), 'weir-db-')), 'weir.db')
  const db = await openDatabase({ url: `file:${path}`, log })
  await db.client.execute(
    'CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, "on" INTEGER NOT NULL, data TEXT)',
  )
  return { db, path }
}
const pragma = async (db: Awaited<ReturnType<typeof open>>['db'], name: string) =>
  Object.values((await db.client.execute(`PRAGMA ${name}`)).rows[0] ?? {})[0]

describe('openDatabase', () => {
  test('pragmas hold, after a failed write too', async () => {
    const { db } = await open()
    await expect(db.batch(['INSERT INTO nope VALUES (1)'])).rejects.toThrow()
    expect(await pragma(db, 'journal_mode')).toBe('wal')
    expect(await pragma(db, 'synchronous')).toBe(1)
    expect(await pragma(db, 'foreign_keys')).toBe(1)
    expect(await pragma(db, 'busy_timeout')).toBe(250)
    await db.close()
  })

  test('a batch takes drizzle queries and plain SQL, values mapped as drizzle would', async () => {
    const { db } = await open()
    const results = await db.batch([
      db.orm.insert(things).values({ id: 1, name: 'a', on: true, data: { a: 1 } }),
      { sql: 'INSERT INTO things VALUES (?, ?, ?, ?)', args: [2, 'b', 0, null] },
      db.orm.update(things).set({ on: false }).where(eq(things.id, 1)),
    ])
    expect(results.map((result) => result.rowsAffected)).toEqual([1, 1, 1])
    expect(await db.orm.select().from(things)).toEqual([
      { id: 1, name: 'a', on: false, data: { a: 1 } },
      { id: 2, name: 'b', on: false, data: null },
    ])
    await db.close()
  })

  test('a batch is all or nothing', async () => {
    const { db } = await open()
    const row = (id: number, name: string) => db.orm.insert(things).values({ id, name, on: true })
    await expect(db.batch([row(1, 'a'), row(2, 'a')])).rejects.toMatchObject({
      extendedCode: 'SQLITE_CONSTRAINT_UNIQUE',
    })
    expect(await db.orm.select().from(things)).toEqual([])
    await db.close()
  })

  test('hundreds of overlapping writes all succeed', async () => {
    const { db } = await open()
    await Promise.all(
      Array.from({ length: 300 }, (_, i) =>
        db.batch([db.orm.insert(things).values({ id: i, name: `n${i}`, on: true })]),
      ),
    )
    expect(await db.orm.$count(things)).toBe(300)
    await db.close()
  })

  test('close folds the write-ahead log into the file, after what is still on its way', async () => {
    const { db, path } = await open()
    const writing = db.batch([db.orm.insert(things).values({ id: 1, name: 'a', on: true })])
    await db.close()
    await writing
    expect((await Bun.file(`${path}-wal`).exists()) && Bun.file(`${path}-wal`).size > 0).toBe(false)
    const again = await openDatabase({ url: `file:${path}`, log })
    expect(await again.orm.$count(things)).toBe(1)
    await again.close()
  })
})
