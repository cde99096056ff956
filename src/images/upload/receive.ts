import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError, isAppError } from '../../errors.ts'
import type { Bytes } from '../../http/multipart.ts'
import { isNoRoom, toRefusal } from '../../imaging/refusals.ts'
import { ORIGINAL, type Places } from '../storage/places.ts'

const HASH_CHUNK_BYTES = 256 * 1024

/** A file that came in whole: in a directory of its own that waits to become the picture's. */
export type Received = { id: string; dir: string; sizeBytes: number; sha256: string }

/**
 * Writes what comes to the disk and hashes it, a chunk in memory at a time. What does not come whole leaves nothing behind.
 * Of a request `checkLength` has been asked before.
 * @throws AppError 413 `image.too_big`, 400 `upload.cut`, 507 `image.disk_full`
 */
export async function receive(body: Bytes | Request, o: { places: Places; maxBytes: number }): Promise<Received> {
  const id = Bun.randomUUIDv7()
  try {
    const dir = await o.places.makeIncoming(id)
    const path = join(dir, ORIGINAL)
    const came = body instanceof Request ? await writeWhole(body, path) : await writeChunks(body, path, o.maxBytes)
    return { id, dir, ...came }
  } catch (error) {
    await o.places.dropIncoming(id)
    throw isNoRoom(error) ? toRefusal('image.disk_full', undefined, error) : error
  }
}

type Came = Pick<Received, 'sizeBytes' | 'sha256'>

/**
 * Bun writes the body of a request that nobody has begun to read without a copy of it: 20 of 20 MB at once take 15 MB of
 * memory, and 100 by chunks (measured).
 */
async function writeWhole(request: Request, path: string): Promise<Came> {
  try {
    // Its types do not know that it takes a request, too.
    await Bun.write(path, request as unknown as Blob, { mode: 0o600 })
  } catch (cause) {
    throw isAbort(cause) ? cut(cause) : cause
  }
  const hash = createHash('sha256')
  let sizeBytes = 0
  const handle = await open(path, 'r+')
  try {
    const chunk = Buffer.allocUnsafe(HASH_CHUNK_BYTES)
    for (;;) {
      const { bytesRead } = await handle.read(chunk, 0, chunk.length)
      if (bytesRead === 0) break
      sizeBytes += bytesRead
      hash.update(chunk.subarray(0, bytesRead))
    }
    await handle.sync()
  } finally {
    await handle.close()
  }
  return { sizeBytes, sha256: hash.digest('hex') }
}

async function writeChunks(bytes: Bytes, path: string, maxBytes: number): Promise<Came> {
  const hash = createHash('sha256')
  let sizeBytes = 0
  const handle = await open(path, 'wx', 0o600)
  try {
    for await (const chunk of cutTold(bytes)) {
      sizeBytes += chunk.byteLength
      if (sizeBytes > maxBytes) throw tooBig(maxBytes)
      hash.update(chunk)
      await handle.writeFile(chunk)
    }
    await handle.sync()
  } finally {
    await handle.close()
  }
  return { sizeBytes, sha256: hash.digest('hex') }
}

/** @throws AppError 413 where it says no length, or too great a one */
export function checkLength(request: Request, maxBytes: number): void {
  const length = request.headers.get('content-length')
  if (length === null || !(Number(length) <= maxBytes)) throw tooBig(maxBytes)
}

function tooBig(maxBytes: number): AppError {
  const mb = Math.floor(maxBytes / 1024 / 1024)
  return toRefusal('image.too_big', `A picture may have at most ${mb} MB. Make it smaller and send it again.`)
}

/** Whoever sends went away: a fault of the line, not ours. */
export async function* cutTold(bytes: Bytes): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes
  } catch (cause) {
    throw isAppError(cause) ? cause : cut(cause)
  }
}

const isAbort = (cause: unknown) => cause instanceof Error && cause.name === 'AbortError'

function cut(cause: unknown): AppError {
  const message = 'The upload ended before the file did. Send it again.'
  return new AppError({ kind: 'malformed', code: 'upload.cut', message, cause })
}
