/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import type { StreamRow } from '../db/tables/streams.ts'
import type { Actor, HttpContext } from '../http/endpoint.ts'
import { answerHtml } from '../http/html.ts'
import { isHtmx } from '../http/reply.tsx'
import { requestUrl } from '../http/request-host.ts'
import type { PageRoute } from '../http/router.ts'
import { Browse } from '../images/images.browse.views.tsx'
import { Gallery } from '../images/images.gallery.views.tsx'
import type { ImageIndex } from '../images/images.index.ts'
import { LightboxDialog, LightboxPage } from '../images/images.lightbox.views.tsx'
import { type ImageRights, noSuchImage } from '../images/images.rights.ts'
import { imageParams, imagesQuery } from '../images/images.schema.ts'
import type { Images } from '../images/images.service.ts'
import { Trash, type TrashOfStream } from '../images/images.trash.views.tsx'
import { GalleryStats } from '../images/images.stats.views.tsx'
import { UploadBox } from '../images/images.upload.views.tsx'
import { openOnes } from '../images/picture.ts'
import { may } from '../lib/access.ts'
import { toIso } from '../lib/fields.ts'
import { StreamsInTrash } from '../streams/streams.trash.views.tsx'
import type { Streams } from '../streams/streams.service.ts'
import { Breadcrumbs } from '../ui/breadcrumbs.tsx'
import { PageHead } from '../ui/page-head.tsx'
import { createPageFrame, type PageFrameDeps } from './page-frame.tsx'

export type GalleryPagesDeps = PageFrameDeps & {
  images: Pick<Images, 'list' | 'search' | 'stats' | 'get' | 'countSent'>
  index: Pick<ImageIndex, 'ids' | 'get'>
  rights: Pick<ImageRights, 'needStream' | 'streamOf'>
  streams: Pick<Streams, 'list' | 'byKey' | 'streamRelation'>
  maxUploadBytes: number
  maxPerStream: number
  trashDays: number
}

export type GalleryPages = {
  /** The pictures of a stream, for the page that shows the stream itself. */
  gallery(c: HttpContext, stream: StreamRow): Promise<Child>
  pages: PageRoute[]
}

/** On one page, and as many as the lightbox turns over. */
const LIMIT = 200
const MOVE_TO = 50
const listQuery = imagesQuery.pick({ visibility: true, q: true, tag: true, sort: true, cursor: true })

/** The pages of pictures. Each asks for what its reader may see; strangers need no login for what is public. */
export function createGalleryPages(d: GalleryPagesDeps): GalleryPages {
  const show = createPageFrame(d)
  const { images, rights, streams } = d

  const mayEdit = (actor: Actor, stream: StreamRow) => may(actor, 'picture.edit', streams.streamRelation(actor, stream))

  async function list(c: HttpContext, stream: StreamRow): Promise<Child> {
    const actor = c.get('actor')
    const isOwn = mayEdit(actor, stream)
    const { cursor, ...query } = queryOf(c)
    const { items, next_cursor } = await images.list(actor, stream.key, { ...query, cursor, limit: LIMIT })
    const others = isOwn ? streams.list({ limit: MOVE_TO }, actor).rows : []
    return (
      <>
        <Gallery
          stream={toGalleryStream(stream)}
          pictures={items}
          counts={await images.stats(actor, stream.key)}
          query={query}
          isOwn={isOwn}
          nextCursor={next_cursor}
          moveTo={others.filter((other) => other.id !== stream.id && mayEdit(actor, other))}
        />
        <GalleryNews />
      </>
    )
  }

  const upload = async (c: HttpContext, stream: StreamRow) =>
    mayEdit(c.get('actor'), stream) ? (
      <UploadBox
        stream={toGalleryStream(stream)}
        maxSizeMb={Math.floor(d.maxUploadBytes / 1024 / 1024)}
        mostPictures={d.maxPerStream}
        isFull={(await images.countSent(stream.id)) >= d.maxPerStream}
      />
    ) : null

  const stats = async (c: HttpContext, stream: StreamRow) =>
    mayEdit(c.get('actor'), stream) ? (
      <GalleryStats
        stats={await images.stats(c.get('actor'), stream.key)}
        streamKey={stream.key}
        mostPictures={d.maxPerStream}
      />
    ) : null

  /** What is in the trash of every stream that they look after. */
  async function trash(actor: Actor): Promise<TrashOfStream[]> {
    const found = new Map<number, StreamRow>()
    for (const id of d.index.ids()) {
      const facts = d.index.get(id)
      const stream = facts?.deletedAt != null ? rights.streamOf(facts) : null
      if (stream?.deletedAt === null && mayEdit(actor, stream)) found.set(stream.id, stream)
    }
    const filled: TrashOfStream[] = []
    for (const { key, title } of found.values()) {
      const { items } = await images.list(actor, key, { trash: true, limit: LIMIT })
      filled.push({ key, title, pictures: openOnes(items) })
    }
    return filled.sort((a, b) => a.title.localeCompare(b.title))
  }

  const streamsInTrash = (actor: Actor) =>
    streams.list({ trash: true, limit: LIMIT }, actor).rows.map(({ key, title, deletedAt }) => ({
      ...{ key, title },
      deleted_at: toIso(deletedAt ?? 0),
    }))

  const keyOf = (c: HttpContext) => c.req.param('key') ?? ''

  const pages = [
    show('/streams/:key/gallery', 'public', async (c) => {
      const { stream } = rights.needStream(c.get('actor'), keyOf(c))
      const aside = await upload(c, stream)
      const body = (
        <>
          <PageHead title={`Pictures of ${stream.title}`} crumbs={<Crumbs c={c} stream={stream} here="Pictures" />} />
          <div class={aside ? 'split wide-aside' : undefined}>
            <div>{await list(c, stream)}</div>
            {aside ? (
              <aside class="stack" aria-label="Upload">
                {aside}
                {await stats(c, stream)}
              </aside>
            ) : null}
          </div>
        </>
      )
      return { title: `Pictures of ${stream.title}`, page: `gallery:${stream.key}`, place: 'streams', body }
    }),
    show('/streams/:key/gallery/:id', 'public', async (c) => {
      const actor = c.get('actor')
      const { stream } = rights.needStream(actor, keyOf(c))
      const { data } = imageParams.safeParse(c.req.param())
      if (!data) throw noSuchImage()
      const picture = await images.get(actor, data.id)
      if (picture.stream_key !== stream.key || picture.deleted_at) throw noSuchImage()
      const { cursor: _, ...query } = queryOf(c)
      const { items } = await images.list(actor, stream.key, { ...query, limit: LIMIT })
      const props = {
        stream: toGalleryStream(stream),
        picture,
        pictures: openOnes(items),
        query,
        isOwn: mayEdit(actor, stream),
        baseUrl: requestUrl(c, d.publicUrl),
      }
      if (isHtmx(c)) return answerHtml(c, String(<LightboxDialog {...props} />))
      const title = picture.title || stream.title
      const body = (
        <div class="stack-2">
          <Crumbs c={c} stream={stream} here="Picture" />
          <LightboxPage {...props} />
          <GalleryNews />
        </div>
      )
      return { title, page: `gallery:${stream.key}`, place: 'streams', body }
    }),
    show('/browse', 'public', async (c) => {
      const { q: words = '', cursor } = queryOf(c)
      const query = { q: words, cursor, limit: LIMIT, total: true }
      const { items, next_cursor, total = 0 } = await images.search(c.get('actor'), query)
      const titleOf = (key: string) => streams.byKey(key)?.title ?? key
      const body = (
        <>
          <PageHead title="Browse" lede={<p class="lede">Pictures of every stream that you may see.</p>} />
          <Browse {...{ words, total, titleOf }} pictures={items} nextCursor={next_cursor} />
        </>
      )
      return { title: 'Browse', page: 'frame', place: 'streams', body }
    }),
    show('/trash', 'stream.see', async (c) => {
      const actor = c.get('actor')
      const whole = streamsInTrash(actor)
      const gone = whole.length > 0 ? <StreamsInTrash streams={whole} /> : null
      const body = <Trash streams={await trash(actor)} gone={gone} trashDays={d.trashDays} />
      return { title: 'Trash', page: 'frame', place: 'streams', body }
    }),
  ]

  return {
    pages,
    gallery: async (c, stream) => (
      <>
        {await upload(c, stream)}
        {await list(c, stream)}
        {await stats(c, stream)}
      </>
    ),
  }
}

/** Where the page is told that something of the gallery is otherwise. */
const GalleryNews = () => <div id="gallery-news" hidden />

function Crumbs({ c, stream, here }: { c: HttpContext; stream: StreamRow; here: string }) {
  const items = [
    // Strangers have their list of streams on the first page.
    { href: may(c.get('actor'), 'stream.see') ? '/streams' : '/', label: 'Streams' },
    { href: `/streams/${stream.key}`, label: stream.title },
  ]
  return <Breadcrumbs items={items} here={here} />
}

/** An address that makes no sense shows the whole list. */
function queryOf(c: HttpContext) {
  const given = Object.entries(c.req.query()).filter(([name, value]) => name in listQuery.shape && value !== '')
  return listQuery.catch({}).parse(Object.fromEntries(given))
}

function toGalleryStream({ key, title, defaultVisibility, allowDownload, coverImageId }: StreamRow) {
  return {
    ...{ key, title, default_visibility: defaultVisibility },
    ...{ allow_download: allowDownload, cover_image_id: coverImageId },
  }
}
