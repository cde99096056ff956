import type { Database } from './client.ts'

/**
 * The id that the next row of an AUTOINCREMENT table will have, for who needs it before the row is there. Holds within
 * the turn in which that row is inserted with it.
 */
export async function nextId(db: Database, table: 'inputs' | 'outputs'): Promise<number> {
  const { rows } = await db.client.execute({ sql: 'select seq from sqlite_sequence where name = ?', args: [table] })
  return Number(rows[0]?.['seq'] ?? 0) + 1
}
