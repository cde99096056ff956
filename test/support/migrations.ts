import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** The names of all migrations, in their order, as they lie in the folder. */
export const MIGRATIONS: string[] = readdirSync(join(import.meta.dir, '../../migrations'))
  .filter((name) => name.endsWith('.sql'))
  .map((name) => name.slice(0, -'.sql'.length))
  .sort()
