import { migrations } from './assets.ts'
import type { Config } from './config.ts'
import { type Database, openDatabase } from './db/client.ts'
import { migrate } from './db/migrate.ts'
import { type Clock, systemClock } from './lib/clock.ts'
import { createLog, type Log } from './lib/log.ts'
import type { SecretBox } from './lib/secret-box.ts'
import { reapByMarker } from './media/spawn.ts'
import { openSecretBox } from './system/secret-key.ts'
import { type DataDir, openDataDir } from './system/data-dir.ts'
import { createLogRing, type LogRing } from './system/log-ring.ts'

export type House = {
  data: DataDir
  db: Database
  log: Log
  logRing: LogRing
  clock: Clock
  migrated: string[]
  /** Opens what the database holds encrypted: its key is the right one. */
  secrets: SecretBox
}

/** Log, data directory and an up-to-date database: what every command that changes something needs. */
export async function openHouse(
  config: Config,
  writeLog: (line: string) => void,
  stack: AsyncDisposableStack,
): Promise<House> {
  const clock = systemClock
  const logRing = createLogRing()
  const log = createLog({ ...config.log, write: writeLog, onEntry: logRing.push })
  const data = openDataDir({ dir: config.data.dir, secretKey: config.data.secretKey, apiKey: config.web.apiKey })
  stack.defer(data.release)
  const killed = reapByMarker(data.instance)
  if (killed.length > 0) log.warn('children of an earlier run ended', { pids: killed })
  const url = config.data.databaseUrl
  const db = await openDatabase({ url, log })
  stack.defer(db.close)
  const copyDir = url.startsWith('file:') ? config.data.dir : null
  const migrated = await migrate({ client: db.client, migrations, copyDir, wallMs: clock.wall(), log })
  const secrets = await openSecretBox(db, data)
  return { data, db, log, logRing, clock, migrated, secrets }
}

/** Brings the database up to date and leaves. @returns the migrations that were applied */
export async function migrateDatabase(config: Config, o: { writeLog(line: string): void }): Promise<string[]> {
  await using stack = new AsyncDisposableStack()
  return (await openHouse(config, o.writeLog, stack)).migrated
}
