import type { Bus } from '../bus.ts'
import type { ImageRow } from '../db/tables/images.ts'
import { toImageResource } from './images.resource.ts'
import { AUDIENCES, type Audience, isSeen, type StreamsOfImages } from './images.rights.ts'

/** Tells of a picture that was, is, or is otherwise. */
export type Tell = (before: ImageRow | null, after: ImageRow | null) => void

/**
 * Every change of a picture, for each audience in its own words: to whom it becomes visible it is added, from whom it is
 * taken away it is removed. The trash counts as away.
 */
export function createTell({ bus, streams }: { bus: Bus; streams: Pick<StreamsOfImages, 'byId'> }): Tell {
  const seesIn = (audience: Audience, row: ImageRow | null) =>
    row?.deletedAt === null && isSeen(audience, row) ? row.streamId : null

  return (before, after) => {
    for (const audience of AUDIENCES) {
      const [was, is] = [seesIn(audience, before), seesIn(audience, after)]
      if (before && was !== null && was !== is)
        bus.publish({ type: 'image.removed', streamId: was, audience, data: { id: before.id } })
      const stream = is === null ? null : streams.byId(is)
      if (!after || !stream) continue
      const data = toImageResource(after, stream, audience)
      bus.publish({ type: was === is ? 'image.changed' : 'image.added', streamId: stream.id, audience, data })
    }
  }
}
