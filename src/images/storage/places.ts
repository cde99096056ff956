import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AppError } from '../../errors.ts'
import { lockFile } from '../../lib/flock.ts'
import { toRefusal } from '../../imaging/refusals.ts'
import type { Variant } from '../../imaging/protocol.ts'

/** Pictures leave room for the database and its log. */
const LEAST_FREE = { bytes: 2 * 1024 ** 3, part: 0.05 }
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

export const ORIGINAL = 'original'

/** Files on the disk under the id of a picture, where they stand. */
export type Found = { id: string; path: string }

export type Places = ReturnType<typeof openPlaces>

/**
 * Where the files are: a directory for each picture, named by its id, in one of 256 by the id's end. What is on its way
 * in stands in `incoming` and is renamed whole; what no picture has waits in `quarantine`. Names come from ids alone.
 * Whatever an earlier run left in `incoming` was never answered for and is removed here.
 * @throws AppError conflict `images.locked`; unavailable `images.unusable`
 */
export function openPlaces(root: string) {
  const incoming = join(root, 'incoming')
  const pictures = join(root, 'pictures')
  const quarantine = join(root, 'quarantine')
  const release = makeAndLock(root, [incoming, pictures, quarantine])
  const openedMs = Date.now()
  for (const name of readdirSync(incoming)) rmSync(join(incoming, name), { recursive: true, force: true })

  const dirOf = (id: string) => join(pictures, id.slice(-2), id)

  return {
    /** Lets another process have the directory. */
    release,
    dirOf,
    original: (id: string) => join(dirOf(id), ORIGINAL),
    variant: (id: string, name: Variant) => join(dirOf(id), name),
    incoming: (id: string) => join(incoming, id),
    /** Makes a place for what comes in. */
    async makeIncoming(id: string): Promise<string> {
      const dir = join(incoming, id)
      await mkdir(dir, { mode: 0o700 })
      return dir
    },
    dropIncoming: (id: string) => rm(join(incoming, id), { recursive: true, force: true }),
    /** Everything of a picture at once, there for good when this returns. */
    async settle(id: string): Promise<void> {
      const to = dirOf(id)
      await mkdir(dirname(to), { recursive: true, mode: 0o700 })
      await syncDir(join(incoming, id))
      await rename(join(incoming, id), to)
      await syncDir(dirname(to))
    },
    remove: (id: string) => rm(dirOf(id), { recursive: true, force: true }),
    /** What a child was writing when an earlier run ended. */
    async dropParts(id: string): Promise<void> {
      for (const name of await readdir(dirOf(id))) {
        const path = join(dirOf(id), name)
        if (name.endsWith('.part') && (await stat(path)).mtimeMs < openedMs) await rm(path, { force: true })
      }
    },
    /** Takes the files of a picture that is none out of the way, also where some of the same id stand there already. */
    async setAside({ id, path }: Found): Promise<void> {
      const isTaken = (await sizeOf(join(quarantine, id))) !== null
      await rename(path, join(quarantine, isTaken ? `${id}.${Bun.randomUUIDv7()}` : id))
    },
    /** What was set aside and when; of one id there may be several. */
    async aside(): Promise<{ id: string; name: string; sinceMs: number }[]> {
      const names = await readdir(quarantine)
      // A rename leaves the times of the files alone and changes that of the directory.
      return Promise.all(
        names.map(async (name) => {
          const sinceMs = Math.round((await stat(join(quarantine, name))).ctimeMs)
          return { id: name.split('.')[0] ?? name, name, sinceMs }
        }),
      )
    },
    dropAside: (name: string) => rm(join(quarantine, name), { recursive: true, force: true }),
    /** Whatever is named as the files of a picture are, a directory at a time: also what a copy put in a wrong one. */
    async *found(): AsyncGenerator<Found> {
      for (const part of await readdir(pictures, { withFileTypes: true })) {
        if (!part.isDirectory()) continue
        for (const id of await readdir(join(pictures, part.name)))
          if (UUID.test(id)) yield { id, path: join(pictures, part.name, id) }
      }
    },
    /** @throws AppError 507 */
    async checkRoom(): Promise<void> {
      const { bavail, blocks, bsize } = await statfs(root)
      if (bavail * bsize >= LEAST_FREE.bytes && bavail >= blocks * LEAST_FREE.part) return
      throw toRefusal('image.disk_full', 'The disk of the server is nearly full, so no picture is taken in.')
    },
  }
}

/** Two servers in one place would each set aside what the other has. */
function makeAndLock(root: string, dirs: readonly string[]): () => void {
  try {
    for (const dir of dirs) mkdirSync(dir, { recursive: true, mode: 0o700 })
    const lock = lockFile(join(root, 'lock'))
    if (lock.ok) return lock.release
    const holder = lock.holderPid === null ? 'another process' : `process ${lock.holderPid}`
    const message = `The directory of the pictures is in use by ${holder}. Give this Weir another STREAM_IMAGES_DIR.`
    throw new AppError({ kind: 'conflict', code: 'images.locked', message })
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    const message = 'The directory of the pictures cannot be written. Check STREAM_IMAGES_DIR and its owner.'
    throw new AppError({ kind: 'unavailable', code: 'images.unusable', message, cause })
  }
}

/** Bytes of a file; null where there is none. */
export async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** A rename is on the disk when its directory is. */
async function syncDir(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
