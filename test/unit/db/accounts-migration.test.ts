import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { migrations } from '../../../src/assets.ts'
import { openDatabase } from '../../../src/db/client.ts'
import { migrate } from '../../../src/db/migrate.ts'
import { createLog } from '../../../src/lib/log.ts'
import { tempDir } from '../../support/temp.ts'

const log = createLog({ level: 'error', format: 'human', write: () => undefined })

test('a database of before accounts keeps what it has; a person takes sessions, keys and links along', async () => {
  const db = await openDatabase({ url: `file:${join(tempDir('accounts'), 'weir.db')}`, log })
  const bring = (upTo: number) =>
    migrate({ client: db.client, migrations: migrations.slice(0, upTo), copyDir: null, wallMs: 1, log })
  const run = (sql: string) => db.client.execute(sql)
  const count = async (table: string) => Number((await run(`SELECT count(*) AS n FROM ${table}`)).rows[0]?.['n'])
  await bring(3)
  await run(
    "INSERT INTO sessions (id_hash, created_at, last_seen_at, expires_at, user_agent) VALUES ('old', 1, 1, 9, '')",
  )
  await bring(4)
  expect((await run('SELECT user_id, of_key, address FROM sessions')).rows[0]).toMatchObject({
    user_id: null,
    of_key: null,
    address: '',
  })

  await run(
    "INSERT INTO users (id, email, email_key, name, role, status, recovery_hashes, created_at, updated_at) VALUES (7, 'r@x', 'r@x', 'R', 'admin', 'active', '[]', 1, 1)",
  )
  await run(
    "INSERT INTO sessions (id_hash, created_at, last_seen_at, expires_at, user_agent, user_id) VALUES ('new', 1, 1, 9, '', 7)",
  )
  await run(
    "INSERT INTO api_keys (user_id, name, prefix, key_hash, scopes, created_at) VALUES (7, 'k', 'p', 'h', '[]', 1)",
  )
  await run("INSERT INTO user_links (user_id, token_hash, expires_at) VALUES (7, 't', 9)")
  await run('DELETE FROM users')
  expect([await count('sessions'), await count('api_keys'), await count('user_links')]).toEqual([1, 0, 0])
  await db.close()
})
