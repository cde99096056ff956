import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError, isAppError } from '../../errors.ts'
import type { Bytes } from '../../http/multipart.ts'
import { isNoRoom, toRefusal } from '../../imaging/refusals.ts'
import { ORIGINAL, type Places } from '../storage/places.ts'

/** A file that came in whole: in a directory of its own that waits to become the picture's. */
export type Received = { id: string; dir: string; sizeBytes: number; sha256: string }

/**
 * Writes what comes to the disk and hashes it on the way, a chunk in memory at a time. What does not come whole leaves
 * nothing behind.
 * @throws AppError 413 `image.too_big`, 400 `upload.cut`, 507 `image.disk_full`
 */
export async function receive(bytes: Bytes, o: { places: Places; maxBytes: number }): Promise<Received> {
  const id = Bun.randomUUIDv7()
  const hash = createHash('sha256')
  let sizeBytes = 0
  try {
    const dir = await o.places.makeIncoming(id)
    const handle = await open(join(dir, ORIGINAL), 'wx', 0o600)
    try {
      for await (const chunk of cutTold(bytes)) {
        sizeBytes += chunk.byteLength
        if (sizeBytes > o.maxBytes) throw tooBig(o.maxBytes)
        hash.update(chunk)
        await handle.writeFile(chunk)
      }
      await handle.sync()
    } finally {
      await handle.close()
    }
    return { id, dir, sizeBytes, sha256: hash.digest('hex') }
  } catch (error) {
    await o.places.dropIncoming(id)
    throw isNoRoom(error) ? toRefusal('image.disk_full', undefined, error) : error
  }
}

export function tooBig(maxBytes: number): AppError {
  const mb = Math.floor(maxBytes / 1024 / 1024)
  return toRefusal('image.too_big', `A picture may have at most ${mb} MB. Make it smaller and send it again.`)
}

/** Whoever sends went away: a fault of the line, not ours. */
export async function* cutTold(bytes: Bytes): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes
  } catch (cause) {
    if (isAppError(cause)) throw cause
    const message = 'The upload ended before the file did. Send it again.'
    throw new AppError({ kind: 'malformed', code: 'upload.cut', message, cause })
  }
}
