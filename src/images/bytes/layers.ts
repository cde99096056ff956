import { AppError } from '../../errors.ts'
import type { ImagingClient } from '../../imaging/client.ts'
import { type Variant, VARIANTS } from '../../imaging/protocol.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Log } from '../../lib/log.ts'
import { createSieve } from '../../lib/sieve.ts'
import type { ImageFacts, ImageIndex } from '../images.index.ts'
import type { CacheStats } from '../images.schema.ts'
import type { ImageStore } from '../images.store.ts'
import { ORIGINAL, type Places, sizeOf } from '../storage/places.ts'

export type LayersDeps = {
  places: Places
  store: Pick<ImageStore, 'sizesOnDisk'>
  index: Pick<ImageIndex, 'get'>
  imaging: Pick<ImagingClient, 'variantOnce'>
  memory: { limitBytes: number; ttlMs: number }
  clock: Clock
  log: Log
}

type Found = { blob: Blob; sizeBytes: number }
/** One file of a picture: a size that was made, or the upload itself. */
export type Name = Variant | typeof ORIGINAL

/** What is larger comes from the disk each time: long animations, of which a few would fill the memory. */
const MAX_KEPT_BYTES = 1024 * 1024
const MB = 1024 * 1024
/** To count what is on the disk takes a while where there is a lot, so it is not counted for everybody who asks. */
const COUNT_AGAIN_MS = 5_000

export type Layers = ReturnType<typeof createLayers>

/** Where bytes come from, the quickest first: memory, the disk, or made; each once, however many ask at the same time. */
export function createLayers(d: LayersDeps) {
  const { places, index } = d
  const memory = createSieve<Blob>({ ...d.memory, clock: d.clock })
  const loading = new Map<string, Promise<Found>>()
  const making = new Set<string>()
  const counts = {
    http: { hits: 0, misses: 0, coalesced: 0 },
    memory: { hits: 0, misses: 0, coalesced: 0 },
    disk: { hits: 0, misses: 0, coalesced: 0 },
  }

  let counted: { atMs: number; items: number; sizeBytes: number } | null = null

  async function countDisk() {
    const nowMs = d.clock.now()
    if (!counted || nowMs - counted.atMs >= COUNT_AGAIN_MS) counted = { atMs: nowMs, ...(await d.store.sizesOnDisk()) }
    return counted
  }

  function missing({ id }: ImageFacts): AppError {
    if (index.get(id)) d.log.error('the file of a picture is gone', { image: id })
    const message = 'The file of this picture is gone. An administrator can look into it.'
    return new AppError({ kind: 'not_found', code: 'image.file_missing', message })
  }

  async function find(image: ImageFacts, name: Name): Promise<Found> {
    const source = places.original(image.id)
    const path = name === ORIGINAL ? source : places.variant(image.id, name)
    const there = await sizeOf(path)
    if (there !== null) {
      counts.disk.hits++
      return { blob: Bun.file(path), sizeBytes: there }
    }
    if (name === ORIGINAL || (await sizeOf(source)) === null) throw missing(image)
    counts.disk[making.has(path) ? 'coalesced' : 'misses']++
    making.add(path)
    try {
      const picture = { contentHash: image.sha256, sourcePath: source, outDir: places.dirOf(image.id) }
      const { sizeBytes } = await d.imaging.variantOnce({ ...picture, name })
      return { blob: Bun.file(path), sizeBytes }
    } finally {
      making.delete(path)
    }
  }

  async function load(key: string, image: ImageFacts, name: Name): Promise<Found> {
    const found = await find(image, name)
    if (found.sizeBytes > MAX_KEPT_BYTES) return found
    const blob = new Blob([await read(found.blob, image)])
    // What changed meanwhile was forgotten, and is not to be remembered again.
    if (index.get(image.id) === image) memory.set(key, blob, blob.size)
    return { blob, sizeBytes: blob.size }
  }

  /** @throws AppError 404 where it was taken away in this very moment */
  async function read(file: Blob, image: ImageFacts): Promise<ArrayBuffer> {
    try {
      return await file.arrayBuffer()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw missing(image)
      throw error
    }
  }

  return {
    /** The bytes of something that may be seen. @throws AppError 404, 422, 503, 507 */
    async open({ image, name }: { image: ImageFacts; name: Name }): Promise<Found> {
      if (name === ORIGINAL || name.startsWith('full')) return find(image, name)
      const key = `${image.id}/${name}`
      const kept = memory.get(key)
      const started = kept ? null : loading.get(key)
      counts.memory[kept ? 'hits' : started ? 'coalesced' : 'misses']++
      if (kept) return { blob: kept, sizeBytes: kept.size }
      if (started) return started
      const work = load(key, image, name).finally(() => loading.delete(key))
      loading.set(key, work)
      return work
    },
    /** Somebody asked with the ETag of a copy: it was the right one, or was not. */
    countHttp: (isHit: boolean): void => void counts.http[isHit ? 'hits' : 'misses']++,
    /** All of a picture. */
    forget(id: string): void {
      for (const name of VARIANTS) memory.remove(`${id}/${name}`)
    },
    clear: memory.clear,
    async stats(): Promise<CacheStats> {
      const { usedBytes, limitBytes, items, evictions } = memory.figures()
      const disk = await countDisk()
      const nothing = { used_bytes: 0, limit_bytes: 0, items: 0, evictions: 0 }
      const inMemory = { used_bytes: usedBytes, limit_bytes: limitBytes, items, evictions, ...counts.memory }
      return {
        layers: {
          http: { ...nothing, ...counts.http },
          memory: inMemory,
          disk: { ...nothing, used_bytes: disk.sizeBytes, items: disk.items, ...counts.disk },
        },
        pages: { stream_gallery: inMemory },
        memory_used_mb: toMb(usedBytes),
        memory_max_mb: toMb(limitBytes),
        cached_items: items,
      }
    },
  }
}

const toMb = (bytes: number) => Math.round((bytes / MB) * 100) / 100
