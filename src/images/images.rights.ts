import { PICTURE_VISIBILITIES, type StreamRow } from '../db/tables/streams.ts'
import { AppError } from '../errors.ts'
import type { Actor } from '../http/endpoint.ts'
import { may, type Relation } from '../lib/access.ts'
import type { ImageFacts } from './images.index.ts'

/** Who hears of a picture and how much. Owners are co-owners and administrators too. */
export const AUDIENCES = ['owners', 'subscribers', 'public'] as const
export type Audience = (typeof AUDIENCES)[number]

export type PictureVisibility = (typeof PICTURE_VISIBILITIES)[number]

/** What pictures know of the streams they are in; from memory. */
export type StreamsOfImages = {
  byId(id: number): StreamRow | null
  byKey(key: string): StreamRow | null
  relationOf(actor: Actor, stream: StreamRow): Relation | null
  /** Whether there is such a stream, as far as they are told. False for what is in the trash. */
  canSee(actor: Actor, stream: StreamRow): boolean
  /** All that they find without its address. */
  listed(actor: Actor): StreamRow[]
}

export const SEEN_BY: Record<Audience, readonly PictureVisibility[]> = {
  owners: PICTURE_VISIBILITIES,
  subscribers: ['subscribers', 'public'],
  public: ['public'],
}

/** Whether an audience is told of a picture at all; the trash and what is damaged are for owners. */
export function isSeen(audience: Audience | null, image: ImageFacts): boolean {
  if (audience === null) return false
  if (image.deletedAt !== null || image.quarantinedAt !== null) return audience === 'owners'
  return SEEN_BY[audience].includes(image.visibility)
}

export type ImageRights = ReturnType<typeof createImageRights>

/** Who sees and who changes which picture. To everybody else there is no such picture. */
export function createImageRights({ streams }: { streams: StreamsOfImages }) {
  function audienceOf(actor: Actor, stream: StreamRow): Audience | null {
    if (stream.deletedAt !== null) return null
    const relation = streams.relationOf(actor, stream)
    if (may(actor, 'picture.see_private', relation)) return 'owners'
    if (may(actor, 'picture.see_subscribers', relation)) return 'subscribers'
    return streams.canSee(actor, stream) ? 'public' : null
  }

  const mayEdit = (actor: Actor, stream: StreamRow) => may(actor, 'picture.edit', streams.relationOf(actor, stream))

  function requireEdit(actor: Actor, stream: StreamRow): void {
    if (mayEdit(actor, stream)) return
    if (actor.kind === 'anonymous')
      throw new AppError({
        kind: 'unauthorized',
        code: 'auth.no_key',
        message: 'Show the API key (Authorization: Bearer KEY), or sign in.',
      })
    const message = 'These pictures belong to others: their owners and administrators may do this.'
    throw new AppError({ kind: 'forbidden', code: 'auth.not_allowed', message })
  }

  return {
    audienceOf,
    requireEdit,
    /** @throws AppError 404 where they are told of no such stream */
    needStream(actor: Actor, key: string): { stream: StreamRow; audience: Audience } {
      const stream = streams.byKey(key)
      const audience = stream && audienceOf(actor, stream)
      if (stream && audience) return { stream, audience }
      throw new AppError({ kind: 'not_found', code: 'stream.not_found', message: 'There is no such stream.' })
    },
    /** What somebody may know of a picture; null = there is none for them. */
    look(actor: Actor, image: ImageFacts | null): { stream: StreamRow; audience: Audience } | null {
      const stream = image?.streamId ? streams.byId(image.streamId) : null
      const audience = stream && audienceOf(actor, stream)
      return image && stream && audience && isSeen(audience, image) ? { stream, audience } : null
    },
    /** The streams that they find without an address, and what they are told in each. */
    listed: (actor: Actor): { stream: StreamRow; audience: Audience }[] =>
      streams.listed(actor).flatMap((stream) => {
        const audience = audienceOf(actor, stream)
        return audience ? [{ stream, audience }] : []
      }),
    streamOf: (image: ImageFacts): StreamRow | null => (image.streamId ? streams.byId(image.streamId) : null),
  }
}

export function noSuchImage(): AppError {
  return new AppError({ kind: 'not_found', code: 'image.not_found', message: 'There is no such picture.' })
}
