import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Database, Statement } from '../db/client.ts'
import { AppError } from '../errors.ts'
import { newSecret } from '../lib/ids.ts'
import { createSecretBox, type SecretBox } from '../lib/secret-box.ts'

const META = 'secret_key_id'
export const SECRET_KEY_FILE = 'secret-key'
/** Written before the database is changed, named after it: a crash between the two is mended at the next start. */
const NEXT_FILE = 'secret-key.next'
const toBytes = (text: string) => new TextEncoder().encode(text)

/**
 * Refuses a key that is not the one by which the database's secrets are encrypted: whatever is sealed could not be opened,
 * and what is new would be sealed by another. A rotation that was cut off is brought to its end.
 * @returns the box to use
 * @throws AppError conflict `secret_key.wrong`, naming both keys
 */
export async function openSecretBox(db: Database, o: { dir: string; secretKey: Uint8Array }): Promise<SecretBox> {
  const given = createSecretBox(o.secretKey)
  const sealedBy = await firstSealedId(db)
  // Where nothing is encrypted yet, any key is right.
  const wanted = sealedBy === null ? null : ((await readKeyId(db)) ?? sealedBy)
  if (wanted === null || wanted === given.keyId) {
    await db.batch([keepKeyId(given.keyId)])
    rmSync(join(o.dir, NEXT_FILE), { force: true })
    return given
  }
  const next = join(o.dir, NEXT_FILE)
  if (existsSync(next)) {
    const box = createSecretBox(toBytes(readFileSync(next, 'utf8').trim()))
    if (box.keyId === wanted) {
      renameSync(next, join(o.dir, SECRET_KEY_FILE))
      return box
    }
  }
  throw new AppError({
    kind: 'conflict',
    code: 'secret_key.wrong',
    message:
      `The secrets in the database are encrypted by the key ${wanted}, and this one is ${given.keyId}. ` +
      'Put back the right SECRET_KEY, or the file secret-key of the data directory.',
  })
}

/**
 * Encrypts all stored secrets anew, in one write: all or none. Without `to` a new key is made and kept in the data directory.
 * @returns the ids of the two keys and how many secrets there were
 * @throws AppError as `openSecretBox`
 */
export async function rotateSecretKey(
  db: Database,
  o: { dir: string; from: Uint8Array; to: string | null },
): Promise<{ from: string; to: string; count: number }> {
  const old = await openSecretBox(db, { dir: o.dir, secretKey: o.from })
  const text = o.to ?? newSecret()
  const box = createSecretBox(toBytes(text))
  if (o.to === null) writeFileSync(join(o.dir, NEXT_FILE), `${text}\n`, { mode: 0o600, flush: true })
  const changes: Statement[] = []
  for (const { table, column, noun } of await sealedColumns(db)) {
    const { rows } = await db.client.execute(
      `SELECT id, "${column}" AS sealed FROM "${table}" WHERE "${column}" IS NOT NULL`,
    )
    for (const row of rows) {
      const place = `${noun}/${row['id']}/${column.replace(/_sealed$/, '')}`
      const sealed = box.seal(old.open(String(row['sealed']), place), place)
      changes.push({ sql: `UPDATE "${table}" SET "${column}" = ? WHERE id = ?`, args: [sealed, Number(row['id'])] })
    }
  }
  await db.batch([...changes, keepKeyId(box.keyId)])
  if (o.to === null) renameSync(join(o.dir, NEXT_FILE), join(o.dir, SECRET_KEY_FILE))
  return { from: old.keyId, to: box.keyId, count: changes.length }
}

async function readKeyId(db: Database): Promise<string | null> {
  const { rows } = await db.client.execute({ sql: 'SELECT value FROM meta WHERE name = ?', args: [META] })
  return rows[0] ? String(rows[0]['value']) : null
}

/** The key of anything that is encrypted; for a database that was filled before the key's id was written down. */
async function firstSealedId(db: Database): Promise<string | null> {
  for (const { table, column } of await sealedColumns(db)) {
    const { rows } = await db.client.execute(
      `SELECT "${column}" AS sealed FROM "${table}" WHERE "${column}" IS NOT NULL LIMIT 1`,
    )
    if (rows[0]) return String(rows[0]['sealed']).split('.')[1] ?? null
  }
  return null
}

const keepKeyId = (id: string): Statement => ({
  sql: 'INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  args: [META, id],
})

/** Every column of that kind, whichever room it belongs to: `<table>.<name>_sealed` is sealed for `<thing>/<id>/<name>`. */
async function sealedColumns(db: Database): Promise<{ table: string; column: string; noun: string }[]> {
  const { rows } = await db.client.execute(
    "SELECT m.name AS tab, c.name AS col FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name LIKE '%\\_sealed' ESCAPE '\\'",
  )
  return rows.map((row) => {
    const table = String(row['tab'])
    return { table, column: String(row['col']), noun: table.replace(/s$/, '') }
  })
}
