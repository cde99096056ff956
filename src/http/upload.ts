import { AppError } from '../errors.ts'
import type { HttpContext } from './endpoint.ts'

/** Of one part; browsers send a few hundred bytes. */
const MAX_HEADER_BYTES = 8 * 1024
/** What a form has beside its file. */
export const MAX_FORM_BYTES = 64 * 1024
const HEADERS_END = Buffer.from('\r\n\r\n')

type Bytes = AsyncIterable<Uint8Array>

/**
 * The bytes of an upload as they come: the body itself, or of a form (multipart/form-data, RFC 7578) the first file of
 * that field. Never more than `maxBytes` are read, and none is kept here.
 * @throws AppError too_large `upload.too_big`; malformed; 422 at the field where the form has no such file
 */
export function readUpload(c: HttpContext, o: { field: string; maxBytes: number }): Bytes {
  const body = c.req.raw.body as unknown as Bytes | null
  const type = c.req.header('content-type') ?? ''
  if (!/^multipart\/form-data\b/i.test(type)) return limited(body, o.maxBytes)
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;]{1,70}))/i.exec(type) ?? []
  const boundary = quoted ?? plain
  if (!boundary) throw malformed('The form does not say its boundary.')
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
  const delimiter = Buffer.from(`\r\n--${boundary}`)
  // The first delimiter has no line before it.
  let held: Buffer = Buffer.from('\r\n')
  let state: 'skip' | 'headers' | 'file' | 'done' = 'skip'
  let wasFound = false

  for await (const chunk of body) {
    if (state === 'done') continue
    held = Buffer.concat([held, chunk])
    for (let isStuck = false; !isStuck && state !== 'done'; ) {
      if (state === 'headers') {
        const end = held.indexOf(HEADERS_END)
        if (held.subarray(0, 2).toString() === '--') state = 'done'
        else if (end >= 0) {
          const isWanted: boolean = !wasFound && isFileOf(held.subarray(0, end).toString(), field)
          held = held.subarray(end + HEADERS_END.length - 2)
          state = isWanted ? 'file' : 'skip'
          wasFound ||= isWanted
          // Of the blank line the last break stays: it is the one before the delimiter of an empty part.
          if (isWanted) held = held.subarray(2)
        } else if (held.length > MAX_HEADER_BYTES) throw malformed('The head of a part of the form is too long.')
        else isStuck = true
        continue
      }
      const at = held.indexOf(delimiter)
      const until = at >= 0 ? at : Math.max(0, held.length - delimiter.length)
      if (state === 'file' && until > 0) yield held.subarray(0, until)
      held = held.subarray(at >= 0 ? at + delimiter.length : until)
      if (at >= 0) state = 'headers'
      else isStuck = true
    }
  }
  if (state === 'file') throw malformed('The form ends in the middle of a file.')
  if (!wasFound) {
    const message = 'There is no file here.'
    throw new AppError({ kind: 'invalid', code: 'invalid', message, errors: [{ path: field, message }] })
  }
}

function isFileOf(headers: string, field: string): boolean {
  const disposition = /^content-disposition:\s*form-data\s*;(.*)$/im.exec(headers)?.[1] ?? ''
  return disposition.includes('filename') && /(?:^|[;\s])name="([^"]*)"/i.exec(disposition)?.[1] === field
}

function malformed(message: string): AppError {
  return new AppError({ kind: 'malformed', code: 'malformed', message })
}
