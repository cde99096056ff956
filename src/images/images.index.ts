import type { Database } from '../db/client.ts'
import { type ImageRow, images } from '../db/tables/images.ts'

/** What rights and bytes ask of a picture, before anything else and so from memory. */
export type ImageFacts = Pick<
  ImageRow,
  'id' | 'streamId' | 'visibility' | 'sha256' | 'mimeType' | 'linkEpoch' | 'teaserId' | 'deletedAt' | 'quarantinedAt'
>

export type ImageIndex = Awaited<ReturnType<typeof openImageIndex>>

/** A few hundred bytes of every picture that is stored, read once: nobody else writes them. */
export async function openImageIndex({ orm }: Pick<Database, 'orm'>) {
  const facts = new Map<string, ImageFacts>()
  const teasers = new Map<string, string>()
  const rows = await orm
    .select({
      id: images.id,
      streamId: images.streamId,
      visibility: images.visibility,
      sha256: images.sha256,
      mimeType: images.mimeType,
      linkEpoch: images.linkEpoch,
      teaserId: images.teaserId,
      deletedAt: images.deletedAt,
      quarantinedAt: images.quarantinedAt,
    })
    .from(images)
  for (const row of rows) set(row)

  function set(row: ImageFacts): void {
    const { id, streamId, visibility, sha256, mimeType, linkEpoch, teaserId, deletedAt, quarantinedAt } = row
    facts.set(id, { id, streamId, visibility, sha256, mimeType, linkEpoch, teaserId, deletedAt, quarantinedAt })
    if (teaserId !== null) teasers.set(teaserId, id)
  }

  return {
    set,
    get: (id: string): ImageFacts | null => facts.get(id) ?? null,
    byTeaser: (teaserId: string): ImageFacts | null => facts.get(teasers.get(teaserId) ?? '') ?? null,
    remove(id: string): void {
      const teaserId = facts.get(id)?.teaserId
      if (teaserId) teasers.delete(teaserId)
      facts.delete(id)
    },
    ids: (): string[] => [...facts.keys()],
    count: () => facts.size,
  }
}
