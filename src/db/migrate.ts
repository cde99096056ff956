import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Client } from '@libsql/client'
import type { Migration } from '../assets.ts'
import { AppError } from '../errors.ts'
import type { Log } from '../lib/log.ts'

const KEEP_COPIES = 3
const COPY_NAME = /^weir-\d{17}\.db$/

export type MigrateOptions = {
  client: Client
  migrations: Migration[]
  /** Where a copy goes before an existing database is changed; null for a database on another machine. */
  copyDir: string | null
  wallMs: number
  log: Log
}

/**
 * Brings the database up to date, each migration in one transaction, with the bookkeeping of drizzle's own migrator
 * (table `__drizzle_migrations`), so that either can go on where the other stopped. An existing database is copied first
 * (VACUUM INTO, the last 3 are kept).
 * @returns tags that were applied
 * @throws AppError conflict `database.newer` when the database holds a migration that this program does not know
 */
export async function migrate(o: MigrateOptions): Promise<string[]> {
  await o.client.execute(
    'CREATE TABLE IF NOT EXISTS __drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric)',
  )
  const { rows } = await o.client.execute('SELECT created_at FROM __drizzle_migrations')
  const applied = new Set(rows.map((row) => Number(row['created_at'])))
  const known = new Set(o.migrations.map((migration) => migration.when))
  if ([...applied].some((when) => !known.has(when)))
    throw new AppError({
      kind: 'conflict',
      code: 'database.newer',
      message:
        'The database was written by a newer Weir. Start that version, or put back a copy from the data directory.',
    })

  const due = o.migrations.filter((migration) => !applied.has(migration.when))
  if (due.length === 0) return []
  if (applied.size > 0 && o.copyDir) await copyDatabase(o.client, o.copyDir, o.wallMs, o.log)
  for (const { tag, when, sql } of due) {
    const hash = new Bun.CryptoHasher('sha256').update(sql).digest('hex')
    await o.client.migrate([
      ...sql.split('--> statement-breakpoint'),
      { sql: 'INSERT INTO __drizzle_migrations (hash, created_at) VALUES (?, ?)', args: [hash, when] },
    ])
    o.log[applied.size > 0 ? 'info' : 'debug']('database migrated', { migration: tag })
  }
  return due.map((migration) => migration.tag)
}

/** Names sort by time; only files of our own naming are ever removed. */
async function copyDatabase(client: Client, dir: string, wallMs: number, log: Log): Promise<void> {
  const name = `weir-${new Date(wallMs).toISOString().replace(/\D/g, '')}.db`
  await client.execute({ sql: 'VACUUM INTO ?', args: [join(dir, name)] })
  log.info('database copied before its migration', { copy: name })
  const copies = (await readdir(dir)).filter((file) => COPY_NAME.test(file)).sort()
  for (const old of copies.slice(0, -KEEP_COPIES)) await rm(join(dir, old))
}
