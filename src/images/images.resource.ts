import { createHash } from 'node:crypto'
import type { ImageRow, StoredVariant } from '../db/tables/images.ts'
import type { StreamRow } from '../db/tables/streams.ts'
import type { MadeFile, Variant } from '../imaging/protocol.ts'
import { toIso } from '../lib/fields.ts'
import type { ImageFacts } from './images.index.ts'
import type { Audience } from './images.rights.ts'
import type { ImageResource, LockedImage } from './images.schema.ts'

/** Longest side of what is made of a picture; the thumb is cut. */
const THUMB_PIXELS = 200
const FIT_PIXELS: Record<string, number> = { small: 400, large: 1280, teaser: 64 }

/** Whether anybody at all may see it, so that others may keep it too. */
export function isOpen(image: ImageFacts, stream: StreamRow): boolean {
  return image.visibility === 'public' && stream.visibility !== 'private' && image.deletedAt === null
}

/** In every address that is printed: another content or another visibility is another address. */
export function toVersion(image: ImageFacts, stream: StreamRow): string {
  const text = `${image.sha256} ${image.visibility} ${isOpen(image, stream)} ${stream.teasers}`
  return createHash('sha256').update(text).digest('base64url').slice(0, 16)
}

export function toImageUrl(image: ImageFacts, stream: StreamRow, variant: string): string {
  return `/images/${image.id}/${variant}?v=${toVersion(image, stream)}`
}

/** What a file measures follows from its name and the picture. */
export function toStored(file: MadeFile, picture: { width: number; height: number }): StoredVariant {
  const [name = ''] = file.name.split('.')
  if (name === 'thumb') return { ...file, width: THUMB_PIXELS, height: THUMB_PIXELS }
  const { width, height } = picture
  const scale = Math.min(1, (FIT_PIXELS[name] ?? Number.POSITIVE_INFINITY) / Math.max(width, height))
  const toSide = (pixels: number) => Math.max(1, Math.round(pixels * scale))
  return { ...file, width: toSide(width), height: toSide(height) }
}

/** A picture as that audience is told of it. */
export function toImageResource(row: ImageRow, stream: StreamRow, audience: Audience): ImageResource {
  const isOwner = audience === 'owners'
  const common = {
    id: row.id,
    stream_key: stream.key,
    title: row.title,
    alt: row.alt,
    description: row.description,
    tags: row.tags,
    width: row.width,
    height: row.height,
    placeholder: row.placeholder,
    variants: Object.fromEntries(namesOf(row, stream, isOwner).map((name) => [name, toImageUrl(row, stream, name)])),
    created_at: toIso(row.createdAt),
  }
  if (!isOwner) return common
  return {
    ...common,
    owner_id: row.ownerId,
    filename: row.filename,
    visibility: row.visibility,
    mime_type: row.mimeType,
    size_bytes: row.sizeBytes,
    sha256: row.sha256,
    taken_at: toIso(row.takenAt),
    source: row.source,
    view_count: row.viewCount,
    last_accessed_at: toIso(row.lastAccessedAt),
    updated_at: toIso(row.updatedAt),
    deleted_at: toIso(row.deletedAt),
  }
}

/** The three sizes as JPEG, then what else is there already, and what may be taken home. */
function namesOf(row: ImageRow, stream: StreamRow, isOwner: boolean): string[] {
  const names = ['thumb', 'small', 'large']
  const shown: Variant[] = ['thumb.webp', 'small.webp', 'large.webp', 'thumb.avif', 'small.avif', 'large.avif']
  names.push(...shown.filter((name) => row.variants.some((made) => made.name === name)))
  if (isOwner || stream.allowDownload) names.push('full')
  if (isOwner) names.push('original')
  return names
}

/** All that is shown of a picture to those who may not see it but may know that it is there. */
export function toLocked(row: ImageRow, stream: StreamRow): LockedImage {
  const id = row.teaserId ?? ''
  return { id, locked: true, teaser_url: `/images/${id}/teaser?v=${toVersion(row, stream)}` }
}
