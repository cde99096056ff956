import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** What is not whole yet ends in this, for the sweep of whoever owns the directory. */
export const DRAFT_ENDING = '.part'

/**
 * Writes a file that is there whole or not at all, a power cut included. Its name lasts once its directory is synced: of a
 * new picture by whoever puts that in its place; any other file that a power cut takes is made again when it is asked for.
 */
export async function writeWhole(dir: string, name: string, bytes: Uint8Array): Promise<void> {
  const draft = join(dir, `.${name}.${randomBytes(6).toString('hex')}${DRAFT_ENDING}`)
  try {
    const handle = await open(draft, 'wx', 0o600)
    try {
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(draft, join(dir, name))
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}
