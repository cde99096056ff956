import { AppError } from '../errors.ts'
import type { HttpContext } from './endpoint.ts'
import { type Bytes, readParts, toBoundary } from './multipart.ts'

/** What a form has beside its file. */
export const MAX_FORM_BYTES = 64 * 1024

/**
 * The bytes of an upload as they come: the body itself, or of a form (multipart/form-data, RFC 7578) the first file of
 * that field. Never more than `maxBytes` are read, and none is kept here.
 * @throws AppError too_large `upload.too_big`; malformed; 422 at the field where the form has no such file
 */
export function readUpload(c: HttpContext, o: { field: string; maxBytes: number }): Bytes {
  const body = c.req.raw.body as unknown as Bytes | null
  const boundary = toBoundary(c.req.header('content-type') ?? '')
  if (boundary === null) return limited(body, o.maxBytes)
  return limited(readFilePart(limited(body, o.maxBytes + MAX_FORM_BYTES), boundary, o.field), o.maxBytes)
}

async function* limited(body: Bytes | null, maxBytes: number): AsyncGenerator<Uint8Array> {
  let sizeBytes = 0
  for await (const chunk of body ?? []) {
    sizeBytes += chunk.byteLength
    if (sizeBytes > maxBytes) {
      const message = `At most ${Math.floor(maxBytes / 1024 / 1024)} MB can be sent at once.`
      throw new AppError({ kind: 'too_large', code: 'upload.too_big', message })
    }
    yield chunk
  }
}

/** The parts before it and behind it are read and dropped. @throws AppError malformed; 422 at `field` */
export async function* readFilePart(body: Bytes, boundary: string, field: string): AsyncGenerator<Uint8Array> {
  let wasFound = false
  for await (const part of readParts(body, boundary)) {
    if (wasFound || part.filename === null || part.name !== field) continue
    wasFound = true
    yield* part.body
  }
  if (wasFound) return
  const message = 'Choose a file.'
  throw new AppError({ kind: 'invalid', code: 'invalid', message, errors: [{ path: field, message }] })
}
