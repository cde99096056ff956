import { and, eq, isNull } from 'drizzle-orm'
import type { Database } from '../db/client.ts'
import { images } from '../db/tables/images.ts'
import { AppError, invalidField } from '../errors.ts'
import type { Actor } from '../http/endpoint.ts'
import { may } from '../lib/access.ts'
import type { StreamStore } from './streams.store.ts'

/** Words that stand where a key would, in the address of a page. */
const RESERVED = new Set(['new'])

export type StreamChecksDeps = {
  db: Pick<Database, 'orm'>
  store: Pick<StreamStore, 'all' | 'byKey'>
  inputs: { isInput(id: number): boolean }
}

/** What a stream may be given. Each throws an AppError that names its field. */
export function createStreamChecks({ db, store, inputs }: StreamChecksDeps) {
  /** An input has at most one stream that has not ended. @throws AppError conflict */
  function checkFree(inputId: number | null, ownId: number | null): void {
    if (inputId === null) return
    const other = store
      .all()
      .find((row) => row.inputId === inputId && row.id !== ownId && row.endedAt === null && row.deletedAt === null)
    if (!other) return
    const message = 'Another stream has this input and has not ended. End that one first.'
    throw new AppError({
      kind: 'conflict',
      code: 'stream.input_taken',
      message,
      errors: [{ path: 'input_id', message }],
    })
  }

  function checkInput(inputId: number | null | undefined, before: number | null, actor: Actor): void {
    if (inputId === undefined || inputId === before) return
    if (!may(actor, 'operate'))
      throw new AppError({
        kind: 'forbidden',
        code: 'stream.input_needs_operator',
        message: 'Only an operator can choose the input of a stream.',
      })
    if (inputId !== null && !inputs.isInput(inputId)) throw invalidField('input_id', 'There is no such input.')
  }

  function checkKey(key: string, ownId: number | null): void {
    if (RESERVED.has(key)) throw invalidField('key', 'Weir needs this word itself.')
    const other = store.byKey(key)
    if (!other || other.id === ownId) return
    const message = other.deletedAt === null ? 'Another stream has this key.' : 'A stream in the trash has this key.'
    throw new AppError({ kind: 'conflict', code: 'stream.key_taken', message, errors: [{ path: 'key', message }] })
  }

  const isTaken = (key: string) => RESERVED.has(key) || store.byKey(key) !== null

  async function checkCover(imageId: string | null | undefined, streamId: number): Promise<void> {
    if (imageId == null) return
    const isOfStream = and(eq(images.id, imageId), eq(images.streamId, streamId), isNull(images.deletedAt))
    const [row] = await db.orm.select({ id: images.id }).from(images).where(isOfStream)
    if (!row) throw invalidField('cover_image_id', 'There is no such picture in this stream.')
  }

  return { checkFree, checkInput, checkKey, checkCover, isTaken }
}
