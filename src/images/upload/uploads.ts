import type { ImageRow } from '../../db/tables/images.ts'
import { AppError, isAppError } from '../../errors.ts'
import { parse } from '../../http/input.ts'
import { type Bytes, type Part, readParts } from '../../http/multipart.ts'
import type { ImageResource, UploadItem } from '../images.schema.ts'
import { uploadFields } from '../images.schema.ts'
import { toImageResource } from '../images.resource.ts'
import { toItemError } from '../images.service.ts'
import type { Places } from '../storage/places.ts'
import type { Gate } from './gate.ts'
import type { Intake, Origin } from './intake.ts'
import { checkLength, cutTold, type Received, receive } from './receive.ts'

export type UploadDeps = { gate: Gate; places: Places; intake: Pick<Intake, 'take'>; maxBytes: number }

/** Files of one form; each may be as big as one that is sent alone. */
export const MAX_FILES = 20
/** What a form has beside its files. */
const MAX_FIELD_BYTES = 64 * 1024

/** Largest body of an upload where one file may have so many bytes. */
export const toMaxBody = (maxBytes: number) => MAX_FILES * maxBytes + MAX_FIELD_BYTES

/** One file of a form: it came in whole, or why not. */
type Sent = { filename: string; received: Received } | { filename: string; error: AppError }

export type Uploads = ReturnType<typeof createUploads>

/** Files as they are sent, at most so many senders at once. Whatever is not taken leaves nothing behind. */
export function createUploads(d: UploadDeps) {
  const { gate, places, maxBytes } = d

  /**
   * A file that is the whole body, of a request that says its length or as it comes.
   * @throws AppError as the imaging client, and 413, 400 `upload.cut`, 409 `stream.full`, 503, 507
   */
  async function raw(body: Bytes | Request, origin: Origin, gone?: AbortSignal) {
    // Before it waits for its turn.
    if (body instanceof Request) checkLength(body, maxBytes)
    return gate.pass(async () => {
      await places.checkRoom()
      return d.intake.take(await receive(body, { places, maxBytes }), origin)
    }, gone)
  }

  async function form(bytes: Bytes, boundary: string, origin: Omit<Origin, 'filename'>, gone: AbortSignal) {
    return gate.pass(async () => {
      await places.checkRoom()
      const sent: Sent[] = []
      try {
        const fields = await readForm(readParts(cutTold(bytes), boundary), sent)
        if (sent.length === 0) throw noFile()
        // What may be said once the whole form is there is refused before any of its files is taken.
        const { page: _, ...about } = parse(uploadFields, fields)
        const items: UploadItem[] = []
        for (const file of sent) items.push(await takeOne(file, { ...origin, ...about }))
        return items
      } finally {
        for (const file of sent) if ('received' in file) await places.dropIncoming(file.received.id)
      }
    }, gone)
  }

  async function readForm(parts: AsyncGenerator<Part>, sent: Sent[]): Promise<Record<string, string>> {
    const fields: Record<string, string> = {}
    let left = MAX_FIELD_BYTES
    for await (const part of parts) {
      if (part.filename === null) {
        const text = await readText(part.body, left)
        left -= text.length
        if (text !== '') fields[part.name] = text
      } else if (part.name !== 'file') throw invalidFile(part.name, 'Files stand in the field `file`.')
      else {
        const file = await receiveOne(part.filename, part.body, sent.length)
        if (file) sent.push(file)
      }
    }
    return fields
  }

  /** Null for the empty file of a form in which none was chosen. */
  async function receiveOne(filename: string, body: Bytes, count: number): Promise<Sent | null> {
    try {
      if (count >= MAX_FILES) {
        const message = `A form takes ${MAX_FILES} files at once. Send this one again.`
        throw new AppError({ kind: 'too_large', code: 'upload.too_many', message })
      }
      const received = await receive(body, { places, maxBytes })
      if (filename !== '' || received.sizeBytes > 0) return { filename, received }
      await places.dropIncoming(received.id)
      return null
    } catch (error) {
      // The line is cut or the form is wrong: then there is nobody to tell, or nothing that could be told apart.
      if (!isAppError(error) || error.kind === 'malformed') throw error
      return { filename, error }
    }
  }

  async function takeOne(file: Sent, origin: Omit<Origin, 'filename'>): Promise<UploadItem> {
    const { filename } = file
    try {
      if ('error' in file) throw file.error
      const { row, isDuplicate } = await d.intake.take(file.received, { ...origin, filename })
      const image = toUploaded(row, origin, isDuplicate)
      return { filename, status: isDuplicate ? 'duplicate' : 'created', image }
    } catch (error) {
      if (!isAppError(error)) throw error
      return { filename, status: 'failed', error: toItemError(error) }
    }
  }

  return { raw, form }
}

/** As whoever sent it is told of it, who is one of its owners. */
export function toUploaded(row: ImageRow, { stream }: Pick<Origin, 'stream'>, isDuplicate: boolean): ImageResource {
  return { ...toImageResource(row, stream, 'owners'), ...(isDuplicate && { duplicate: true as const }) }
}

async function readText(body: Bytes, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of body) {
    sizeBytes += chunk.byteLength
    if (sizeBytes > maxBytes) {
      const message = 'The fields of the form are too long.'
      throw new AppError({ kind: 'too_large', code: 'too_large', message })
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

const noFile = () => invalidFile('file', 'Choose a picture.')

function invalidFile(path: string, message: string): AppError {
  return new AppError({ kind: 'invalid', code: 'invalid', message, errors: [{ path, message }] })
}
