import { createHash } from 'node:crypto'
import type { StreamRow } from '../../db/tables/streams.ts'
import { AppError } from '../../errors.ts'
import type { Actor } from '../../http/endpoint.ts'
import type { Variant } from '../../imaging/protocol.ts'
import type { Clock } from '../../lib/clock.ts'
import type { ImageFacts, ImageIndex } from '../images.index.ts'
import type { LinkSigner, SignedQuery } from '../images.links.ts'
import { isOpen, toVersion } from '../images.resource.ts'
import { type ImageRights, noSuchImage } from '../images.rights.ts'
import type { ImageStore } from '../images.store.ts'
import { ORIGINAL } from '../storage/places.ts'
import type { Layers, Name } from './layers.ts'

export type BytesDeps = {
  store: Pick<ImageStore, 'find'>
  index: ImageIndex
  rights: ImageRights
  links: LinkSigner
  layers: Pick<Layers, 'open' | 'countHttp'>
  clock: Clock
}

export type Asked = { id: string; variant: string; v: string | undefined; signed: SignedQuery | null }

/** Something that the one who asks may see. */
export type Shown = {
  image: ImageFacts
  name: Name
  /** Strong: other bytes have another. */
  etag: string
  cacheControl: string
  mime: string
}

const MIME: Record<string, string> = { jpg: 'image/jpeg', webp: 'image/webp', avif: 'image/avif' }
const ENDINGS: Record<string, string> = { 'image/jpeg': 'jpg' }
const VARIANT = /^(thumb|small|large|full|original|teaser)(?:\.(\w{3,4}))?$/

/** How a file of that type ends. */
export const toEnding = (mime: string) => ENDINGS[mime] ?? mime.slice('image/'.length)

export type ImageBytes = ReturnType<typeof createImageBytes>

/** The bytes of pictures: who may have them, from memory and before anything else; then where they come from. */
export function createImageBytes(d: BytesDeps) {
  const { index, rights } = d

  /** @throws AppError 404; 410 of a link that was right once */
  function admit(actor: Actor, asked: Asked, image: ImageFacts, name: Name): boolean {
    const isWhole = name === ORIGINAL || name.startsWith('full')
    if (asked.signed) {
      const path = `/images/${asked.id}/${asked.variant}`
      const verdict = d.links.verify(path, image, asked.signed, d.clock.wall())
      const isThere =
        image.deletedAt === null && image.quarantinedAt === null && rights.streamOf(image)?.deletedAt === null
      if (verdict === 'bad' || !isThere) throw noSuchImage()
      if (verdict === 'good') return false
      throw new AppError({ kind: 'gone', code: 'link.expired', message: 'This link has expired. Ask for a new one.' })
    }
    const seen = rights.look(actor, image)
    if (!seen) throw noSuchImage()
    const mayHaveWhole = seen.audience === 'owners' || (name !== ORIGINAL && seen.stream.allowDownload)
    if (isWhole && !mayHaveWhole) throw noSuchImage()
    return isOpen(image, seen.stream) && (!isWhole || (name !== ORIGINAL && seen.stream.allowDownload))
  }

  function lookTeaser(actor: Actor, asked: Asked): Shown {
    const image = index.byTeaser(asked.id)
    const stream = image && rights.streamOf(image)
    const isShown =
      stream?.teasers &&
      image?.visibility === 'subscribers' &&
      image.deletedAt === null &&
      image.quarantinedAt === null &&
      rights.audienceOf(actor, stream) !== null
    if (!image || !stream || !isShown) throw noSuchImage()
    return toShown(asked, image, stream, 'teaser.jpg', stream.visibility !== 'private')
  }

  return {
    /** @throws AppError 404, 410 */
    look(actor: Actor, asked: Asked): Shown {
      const name = toName(asked.variant)
      if (name === 'teaser.jpg') return lookTeaser(actor, asked)
      const image = index.get(asked.id)
      const stream = image && rights.streamOf(image)
      if (!image || !stream || name === null) throw noSuchImage()
      const isForAll = admit(actor, asked, image, name)
      if (name === ORIGINAL && !isEndingOf(asked.variant, image)) throw noSuchImage()
      return toShown(asked, image, stream, name, isForAll)
    },
    open: d.layers.open,
    countHttp: d.layers.countHttp,
    /** What it is called at home. */
    async filenameOf({ image, name }: Shown): Promise<string> {
      const row = await d.store.find(image.id)
      if (!row) throw noSuchImage()
      return name === ORIGINAL ? row.filename : `${row.filename.replace(/\.\w{1,5}$/, '')}.${name.split('.')[1]}`
    },
  }
}

function toShown(asked: Asked, image: ImageFacts, stream: StreamRow, name: Name, isForAll: boolean): Shown {
  const isVersioned = asked.v === toVersion(image, stream)
  return {
    image,
    name,
    etag: toEtag(image, name),
    cacheControl: !isForAll
      ? 'private, no-cache'
      : isVersioned
        ? 'public, max-age=86400, s-maxage=60, immutable'
        : 'no-cache',
    mime: name === ORIGINAL ? image.mimeType : (MIME[name.split('.')[1] ?? ''] ?? ''),
  }
}

/** Of the content and the size, and not to be read back: the hash of the upload is for its owners. */
function toEtag(image: ImageFacts, name: Name): string {
  return `"${createHash('sha256').update(`${image.sha256} ${name}`).digest('base64url').slice(0, 24)}"`
}

/** The file that an address means; null = none. */
export function toName(variant: string): Name | null {
  const [, name, ending = 'jpg'] = VARIANT.exec(variant) ?? []
  if (name === undefined) return null
  if (name === 'original') return ORIGINAL
  if (name === 'teaser') return ending === 'jpg' ? 'teaser.jpg' : null
  return ending in MIME ? (`${name}.${ending}` as Variant) : null
}

/** An upload is what it is: another ending names nothing. */
function isEndingOf(variant: string, image: ImageFacts): boolean {
  const [, ending] = variant.split('.')
  return ending === undefined || ending === toEnding(image.mimeType)
}
