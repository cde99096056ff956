import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../errors.ts'
import { lockFile } from '../lib/flock.ts'
import { newId, newSecret } from '../lib/ids.ts'

export type DataDir = {
  dir: string
  /** Names this data directory for ever; marks its children (`WEIR_CHILD`). */
  instance: string
  /** What stored secrets are encrypted by. */
  secretKey: Uint8Array
  apiKey: string
  /** Where the key comes from; `made` = just now, shown once. */
  apiKeySource: 'env' | 'file' | 'made'
  apiKeyFile: string
  /** Lets another process have the directory. */
  release(): void
}

/**
 * Takes the data directory for this process alone: makes it (0700), locks it, and reads or makes the files that name and
 * protect it (`instance`, `secret-key`, `api-key`, each 0600).
 * @throws AppError conflict `data.locked` naming the process that holds it; unavailable `data.unusable`
 */
export function openDataDir(o: { dir: string; secretKey: string | null; apiKey: string | null }): DataDir {
  const release = makeAndLock(o.dir)
  try {
    const instance = readOrMake(join(o.dir, 'instance'), newId).text
    const secret = o.secretKey ?? readOrMake(join(o.dir, 'secret-key'), newSecret).text
    const apiKeyFile = join(o.dir, 'api-key')
    const key = o.apiKey === null ? readOrMake(apiKeyFile, newSecret) : { text: o.apiKey, made: false }
    return {
      dir: o.dir,
      instance,
      secretKey: new TextEncoder().encode(secret),
      apiKey: key.text,
      apiKeySource: o.apiKey !== null ? 'env' : key.made ? 'made' : 'file',
      apiKeyFile,
      release,
    }
  } catch (error) {
    release()
    throw error
  }
}

/** Whether a Weir has made this directory its own. */
export function isDataDir(dir: string): boolean {
  return existsSync(join(dir, 'instance'))
}

function makeAndLock(dir: string): () => void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    const lock = lockFile(join(dir, 'lock'))
    if (lock.ok) return lock.release
    const holder = lock.holderPid === null ? 'another process' : `process ${lock.holderPid}`
    throw new AppError({
      kind: 'conflict',
      code: 'data.locked',
      message: `The data directory is in use by ${holder}. Stop that Weir first, or give this one another DATA_DIR.`,
    })
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw unusable('The data directory cannot be written. Check DATA_DIR and its owner.', cause)
  }
}

/** A small file that is written once, whole or not at all, and readable by its owner alone. */
function readOrMake(path: string, make: () => string): { text: string; made: boolean } {
  try {
    const text = readFileSync(path, 'utf8').trim()
    if (text !== '') {
      if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600)
      return { text, made: false }
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw unusable('A key file cannot be read.', cause)
  }
  const text = make()
  writeFileSync(`${path}.new`, `${text}\n`, { mode: 0o600, flush: true })
  renameSync(`${path}.new`, path)
  return { text, made: true }
}

function unusable(message: string, cause: unknown): AppError {
  return new AppError({ kind: 'unavailable', code: 'data.unusable', message, cause })
}
