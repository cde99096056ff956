import { type Client, createClient, type InStatement, type ResultSet } from '@libsql/client'
import { drizzle, type LibSQLDatabase } from 'drizzle-orm/libsql'
import type { Log } from '../lib/log.ts'

/** A drizzle query, or plain SQL with its values. */
export type Statement = { toSQL(): { sql: string; params: unknown[] } } | InStatement

export type Database = {
  orm: LibSQLDatabase
  client: Client
  /** Runs the statements as one atomic write, in order; all or none. */
  batch(statements: Statement[]): Promise<ResultSet[]>
  /** Folds the write-ahead log into the file and closes. Nothing may use the database afterwards. */
  close(): Promise<void>
}

/** How long a local file waits for another process that writes; the loop stands still meanwhile, so it is short. */
const BUSY_TIMEOUT_MS = 250

/**
 * Opens libSQL with one connection, so that pragmas hold and calls queue. Never open an interactive transaction
 * (`orm.transaction`): with one connection every other call fails meanwhile; use `batch`.
 */
export async function openDatabase(o: { url: string; log: Log }): Promise<Database> {
  const isFile = o.url.startsWith('file:')
  const client = createClient({ url: o.url, concurrency: 1, timeout: BUSY_TIMEOUT_MS })
  if (isFile) {
    for (const pragma of ['journal_mode = WAL', 'synchronous = NORMAL', 'foreign_keys = ON'])
      await client.execute(`PRAGMA ${pragma}`)
  }
  return {
    orm: drizzle(client, { casing: 'snake_case' }),
    client,
    batch(statements) {
      return client.batch(
        statements.map((statement) => (isQuery(statement) ? toPlain(statement) : statement)),
        'write',
      )
    },
    async close() {
      if (isFile) {
        try {
          // Queued last, so it also waits for whatever is still on its way.
          await client.execute('PRAGMA wal_checkpoint(TRUNCATE)')
        } catch (error) {
          o.log.warn('the write-ahead log stays for the next start', { error })
        }
      }
      client.close()
    },
  }
}

function isQuery(statement: Statement): statement is { toSQL(): { sql: string; params: unknown[] } } {
  return typeof statement === 'object' && 'toSQL' in statement
}

function toPlain(query: { toSQL(): { sql: string; params: unknown[] } }): InStatement {
  const { sql, params } = query.toSQL()
  return { sql, args: params as never[] }
}
