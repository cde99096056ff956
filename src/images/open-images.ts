import type { Bus } from '../bus.ts'
import type { Database } from '../db/client.ts'
import type { StreamRow } from '../db/tables/streams.ts'
import type { Actor } from '../http/endpoint.ts'
import type { ImagingClient } from '../imaging/client.ts'
import type { PictureType } from '../imaging/protocol.ts'
import type { Clock } from '../lib/clock.ts'
import { toIso } from '../lib/fields.ts'
import type { Log } from '../lib/log.ts'
import { createImageBytes } from './bytes/bytes.ts'
import { createCacheRoutes } from './bytes/cache.routes.tsx'
import { createBytesRoutes } from './bytes/bytes.routes.ts'
import { createLayers } from './bytes/layers.ts'
import { openImageIndex } from './images.index.ts'
import { createLinkSigner } from './images.links.ts'
import { toImageUrl } from './images.resource.ts'
import { createLooks } from './images.looks.ts'
import { AUDIENCES, type Audience, createImageRights, isSeen, type StreamsOfImages } from './images.rights.ts'
import { createImageListRoutes } from './images.lists.routes.ts'
import { createImageRoutes } from './images.routes.tsx'
import type { ImageResource } from './images.schema.ts'
import { createImages } from './images.service.ts'
import { createSnapshots } from './images.snapshots.ts'
import { createImageStore } from './images.store.ts'
import { createTell } from './images.tell.ts'
import { toMaxBody } from './upload/uploads.ts'
import { createImageCheck } from './storage/check.ts'
import { openPlaces } from './storage/places.ts'
import { createGate } from './upload/gate.ts'
import { createIntake, type Origin } from './upload/intake.ts'
import { createUploads, toUploaded } from './upload/uploads.ts'

export type ImagesConfig = {
  dir: string
  maxUploadBytes: number
  maxPerStream: number
  maxConcurrentUploads: number
  signedUrlSeconds: number
  trashDays: number
  /** What of the pictures' bytes is kept in memory, and how long. */
  memory: { limitBytes: number; ttlMs: number }
  allowed: readonly PictureType[]
}

export type OpenImagesDeps = {
  config: ImagesConfig
  db: Database
  streams: StreamsOfImages
  imaging: ImagingClient
  bus: Bus
  /** Of the server: what links are signed by is derived from it. */
  secretKey: Uint8Array
  publicUrl: string | null
  clock: Clock
  log: Log
}

/** Of a feed. */
type Frame = { jpeg: Uint8Array; atMs: number }

export type ImagesSlice = Awaited<ReturnType<typeof openImages>>

/** Everything about pictures, put together. */
export async function openImages(d: OpenImagesDeps) {
  const { config, db, streams, imaging, clock, log } = d
  const places = openPlaces(config.dir)
  const index = await openImageIndex(db)
  const store = createImageStore(db, config.maxPerStream)
  const rights = createImageRights({ streams })
  const tell = createTell({ bus: d.bus, streams })
  const links = createLinkSigner([d.secretKey])
  const layers = createLayers({ places, store, index, imaging, memory: config.memory, clock, log })
  const forgetBytes = layers.forget
  const shared = { places, store, index, rights, tell, forgetBytes, imaging, clock, log }
  const images = createImages({ ...shared, looks: createLooks({ db, clock }), trashDays: config.trashDays })
  const snapshots = createSnapshots({ store, streams, destroy: images.destroy })
  const intake = createIntake({ ...shared, streams, snapshots, allowed: config.allowed })
  const gate = createGate({ places: config.maxConcurrentUploads, clock })
  const uploads = createUploads({ gate, places, intake, maxBytes: config.maxUploadBytes })
  const check = createImageCheck({ ...shared, intake })
  const bytes = createImageBytes({ ...shared, links, layers })
  const { publicUrl } = d
  const { maxUploadBytes, signedUrlSeconds } = config
  const routeDeps = { images, uploads, check, rights, links, clock, publicUrl, maxUploadBytes, signedUrlSeconds }
  void intake.resume().catch((error: unknown) => log.error('sizes of pictures could not be looked up', { error }))

  async function take(stream: StreamRow, frame: Frame, by: Pick<Origin, 'ownerId' | 'isAutomatic'>) {
    const filename = `${stream.key}-${toIso(frame.atMs).replace(/[:.]/g, '-')}.jpg`
    const origin = { ...by, stream, filename, source: 'snapshot', takenAt: frame.atMs } as const
    const taken = await uploads.raw(new Blob([Buffer.from(frame.jpeg)]).stream(), origin)
    return { origin, taken }
  }

  return {
    images,
    rights,
    table: {
      routes: {
        ...createImageRoutes(routeDeps),
        ...createImageListRoutes({ images }),
        bytes: createBytesRoutes({ bytes }).get,
        ...createCacheRoutes({ layers }),
      },
      rights,
      index,
      streams,
    },
    cacheStats: layers.stats,
    /** Of the largest upload. */
    maxRequestBytes: toMaxBody(maxUploadBytes),
    streamIdOf: (actor: Actor, key: string): number => rights.needStream(actor, key).stream.id,
    /** The newest of a stream, as many as it takes. */
    async list(actor: Actor, key: string) {
      return (await images.list(actor, key, { limit: config.maxPerStream })).items
    },
    /** What somebody is told of the pictures of a stream; null = nothing, and where there is none. */
    audienceOf(actor: Actor, streamId: number): Audience | null {
      const stream = streams.byId(streamId)
      return stream && rights.audienceOf(actor, stream)
    },
    /** What streams ask of their pictures. */
    forStreams: {
      coverUrl(imageId: string, actor: Actor): string | null {
        const image = index.get(imageId)
        const seen = rights.look(actor, image)
        return image && seen && image.deletedAt === null ? toImageUrl(image, seen.stream, 'large') : null
      },
      /** Of that stream, for all whom `audienceOf` calls the same. */
      coverUrlFor(stream: StreamRow, audience: string): string | null {
        const image = index.get(stream.coverImageId ?? '')
        if (image?.streamId !== stream.id || image.deletedAt !== null) return null
        const isTold = AUDIENCES.some((each) => each === audience && isSeen(each, image))
        return isTold ? toImageUrl(image, stream, 'large') : null
      },
      /** @throws AppError as an upload does */
      async add(stream: StreamRow, frame: Frame, actor: Actor): Promise<ImageResource> {
        const { origin, taken } = await take(stream, frame, { ownerId: actor.user?.id ?? null })
        return toUploaded(taken.row, origin, taken.isDuplicate)
      },
      /** The oldest that came so before go. @throws AppError as an upload does */
      async addAutomatic(stream: StreamRow, frame: Frame): Promise<void> {
        await take(stream, frame, { ownerId: null, isAutomatic: true })
        await snapshots.keepNewest(stream.id, stream.snapshotKeep, config.maxPerStream)
      },
      removeOf: images.purgeStream,
    },
    /** The image worker must be closed before: what waits for it ends with it. */
    async close(): Promise<void> {
      images.close()
      await intake.close()
      places.release()
    },
  }
}
