import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type ImageRow, images } from '../../db/tables/images.ts'
import { isNotNull } from 'drizzle-orm'
import type { ImagingClient } from '../../imaging/client.ts'
import { FIRST_VARIANTS } from '../../imaging/protocol.ts'
import type { Clock } from '../../lib/clock.ts'
import { toIso } from '../../lib/fields.ts'
import type { Log } from '../../lib/log.ts'
import { createTurns } from '../../lib/turns.ts'
import type { ImageIndex } from '../images.index.ts'
import type { CheckAnswer } from '../images.schema.ts'
import type { ImageStore } from '../images.store.ts'
import type { Tell } from '../images.tell.ts'
import type { Intake } from '../upload/intake.ts'
import { type Found, ORIGINAL, type Places, sizeOf } from './places.ts'

export type CheckDeps = {
  places: Places
  store: ImageStore
  index: ImageIndex
  intake: Pick<Intake, 'isSettling'>
  imaging: Pick<ImagingClient, 'variantOnce'>
  tell: Tell
  forgetBytes(id: string): void
  clock: Clock
  log: Log
}

/** So many of each are told at once. */
const MAX_TOLD = 1000

export type ImageCheck = ReturnType<typeof createImageCheck>

/**
 * Whether rows and files agree. Nothing is ever deleted here: files without a picture are set aside, a picture whose
 * upload is gone or another is put in quarantine, and each is looked at once more in the moment of acting on it.
 */
export function createImageCheck(d: CheckDeps) {
  const { places, store, index } = d
  const turns = createTurns()

  async function missingOf(row: ImageRow): Promise<string[]> {
    const files: string[] = (await sizeOf(places.original(row.id))) === row.sizeBytes ? [] : [ORIGINAL]
    for (const name of FIRST_VARIANTS) if (!(await sizeOf(places.variant(row.id, name)))) files.push(name)
    return files
  }

  const isOrphan = (id: string) => !index.get(id) && !d.intake.isSettling(id)

  async function orphans(): Promise<Found[]> {
    const them: Found[] = []
    for await (const found of places.found()) if (isOrphan(found.id) && them.length < MAX_TOLD) them.push(found)
    return them
  }

  async function look(): Promise<CheckAnswer> {
    const answer: CheckAnswer = { checked: 0, missing: [], orphaned: [], quarantined: [] }
    for await (const row of store.each()) {
      answer.checked++
      const files = await missingOf(row)
      if (files.length > 0 && index.get(row.id) && answer.missing.length < MAX_TOLD)
        answer.missing.push({ id: row.id, files })
    }
    for (const { id } of await orphans()) answer.orphaned.push({ id })
    for (const row of await store.select(isNotNull(images.quarantinedAt), [], MAX_TOLD))
      answer.quarantined.push({ id: row.id, since: toIso(row.quarantinedAt ?? 0), kind: 'picture' })
    for (const { id, sinceMs } of (await places.aside()).slice(0, MAX_TOLD))
      answer.quarantined.push({ id, since: toIso(sinceMs), kind: 'files' })
    return answer
  }

  /** Its upload read again: what is another file now is kept from everybody, what is right again comes back. */
  async function verify(row: ImageRow): Promise<void> {
    const isRight = (await hashOf(places.original(row.id))) === row.sha256
    if (isRight === (row.quarantinedAt === null)) return
    const change = { quarantinedAt: isRight ? null : d.clock.wall(), updatedAt: d.clock.wall() }
    const after = await store.update(row.id, change)
    if (!after) return
    index.set(after)
    d.forgetBytes(row.id)
    d.tell(row, after)
    d.log.warn(isRight ? 'a picture is right again' : 'the file of a picture is not what was stored', { image: row.id })
  }

  async function remake(row: ImageRow, files: readonly string[]): Promise<void> {
    for (const name of FIRST_VARIANTS) {
      if (!files.includes(name)) continue
      const picture = { contentHash: row.sha256, sourcePath: places.original(row.id), outDir: places.dirOf(row.id) }
      await d.imaging.variantOnce({ ...picture, name })
    }
  }

  async function repair(): Promise<CheckAnswer> {
    const found = await look()
    const suspects = new Set(
      [...found.missing, ...found.quarantined.filter(({ kind }) => kind === 'picture')].map(({ id }) => id),
    )
    for (const id of suspects) await onTo('a picture could not be mended', id, () => mend(id))
    for (const orphan of await orphans())
      await onTo('files that no picture has could not be set aside', orphan.id, async () => {
        if (!isOrphan(orphan.id)) return
        await places.setAside(orphan)
        d.log.warn('files that no picture has were set aside', orphan)
      })
    return look()
  }

  async function mend(id: string): Promise<void> {
    const row = await store.find(id)
    if (!row) return
    await verify(row)
    const files = await missingOf(row)
    if (!files.includes(ORIGINAL)) await remake(row, files)
  }

  /** One that cannot be mended keeps none of the others waiting; the look afterwards finds it again. */
  async function onTo(fault: string, id: string, act: () => Promise<void>): Promise<void> {
    try {
      await act()
    } catch (error) {
      d.log.error(fault, { id, error })
    }
  }

  return {
    look: () => turns(look),
    /** Acts on what a look finds, and answers what is left. */
    repair: () => turns(repair),
  }
}

/** Null where there is no such file. */
async function hashOf(path: string): Promise<string | null> {
  const hash = createHash('sha256')
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) hash.update(chunk as Buffer)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  return hash.digest('hex')
}
