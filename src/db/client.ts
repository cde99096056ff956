import { type Client, createClient, type InStatement, LibsqlError, type ResultSet } from '@libsql/client'
import { drizzle, type LibSQLDatabase } from 'drizzle-orm/libsql'
import { AppError, isAppError } from '../errors.ts'
import { lockFile } from '../lib/flock.ts'
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
 * @throws AppError unavailable `database.unusable`; conflict `database.locked` where another process has the file
 */
export async function openDatabase(o: { url: string; log: Log }): Promise<Database> {
  const isFile = o.url.startsWith('file:')
  const { client, release } = await connect(o.url, isFile)
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
      release()
    },
  }
}

/** A connection that has answered; a file is this process's alone. */
async function connect(url: string, isFile: boolean): Promise<{ client: Client; release(): void }> {
  let client: Client | undefined
  try {
    client = createClient({ url, concurrency: 1, timeout: BUSY_TIMEOUT_MS })
    const first = isFile ? ['journal_mode = WAL', 'synchronous = NORMAL', 'foreign_keys = ON'] : []
    for (const pragma of first) await client.execute(`PRAGMA ${pragma}`)
    if (isFile) return { client, release: await lockDatabase(client) }
    await client.execute('SELECT 1')
    return { client, release: () => undefined }
  } catch (cause) {
    client?.close()
    if (isAppError(cause)) throw cause
    // Its own words may hold the address, and that a token; the code is safe.
    const reason = cause instanceof LibsqlError ? ` (${cause.code})` : ''
    throw new AppError({
      kind: 'unavailable',
      code: 'database.unusable',
      message: `The database cannot be opened${reason}. Check DATABASE_URL, or weir.db in DATA_DIR where it is not set.`,
      cause,
    })
  }
}

/**
 * Two servers on one file would each believe to hold all state. The lock stands beside the file: SQLite's own locks are
 * lost when anything in the process closes the file itself.
 * @throws AppError conflict `database.locked` naming the process that holds it
 */
async function lockDatabase(client: Client): Promise<() => void> {
  // As SQLite opened it: absolute, links followed; empty for a database in memory.
  const path = String((await client.execute('PRAGMA database_list')).rows[0]?.['file'] ?? '')
  if (path === '') return () => undefined
  const lock = lockFile(`${path}.lock`)
  if (lock.ok) return lock.release
  const holder = lock.holderPid === null ? 'another process' : `process ${lock.holderPid}`
  throw new AppError({
    kind: 'conflict',
    code: 'database.locked',
    message: `The database is in use by ${holder}. Stop that Weir first, or give this one another DATABASE_URL.`,
  })
}

function isQuery(statement: Statement): statement is { toSQL(): { sql: string; params: unknown[] } } {
  return typeof statement === 'object' && 'toSQL' in statement
}

function toPlain(query: { toSQL(): { sql: string; params: unknown[] } }): InStatement {
  const { sql, params } = query.toSQL()
  return { sql, args: params as never[] }
}
