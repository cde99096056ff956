/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import type { StreamRow } from '../db/tables/streams.ts'
import { answerHtml } from '../http/html.ts'
import type { HttpContext } from '../http/endpoint.ts'
import { isHtmx } from '../http/reply.tsx'
import type { PageRoute } from '../http/router.ts'
import { may } from '../lib/access.ts'
import type { Members } from '../streams/members.service.ts'
import { StreamForm } from '../streams/streams.form.views.tsx'
import { StreamPage } from '../streams/streams.page.views.tsx'
import type { StreamView } from '../streams/streams.resource.ts'
import { StreamList, type StreamListProps } from '../streams/streams.list.views.tsx'
import { toRelationOf } from '../streams/streams.routes.tsx'
import { type StreamResource, streamsQuery } from '../streams/streams.schema.ts'
import type { Streams } from '../streams/streams.service.ts'
import { NoStreams, StreamCards } from '../streams/streams.views.tsx'
import { Sheet } from '../ui/dialog.tsx'
import { LinkButton } from '../ui/button.tsx'
import { opensSheet } from '../ui/opens-sheet.ts'
import { PageHead } from '../ui/page-head.tsx'
import { createPageFrame, type PageFrameDeps, type Shown } from './page-frame.tsx'

export type StreamPagesDeps = PageFrameDeps & {
  streams: Streams
  view: StreamView
  members: Pick<Members, 'list'>
  /** Everybody who has an account. */
  people(): { id: number; name: string }[]
  inputChoices(): Promise<{ id: number; name: string }[]>
  /** The pictures of a stream, as this caller may see them. */
  gallery(c: HttpContext, stream: StreamRow): Promise<Child>
}

const PAGE = { page: 'frame', place: 'streams' } as const
const LIMIT = 48
const listQuery = streamsQuery.pick({ q: true, status: true, cursor: true })

/** The pages of streams: the list, one of them, and its form. Strangers see what is public, without a login. */
export function createStreamPages(d: StreamPagesDeps): PageRoute[] {
  const show = createPageFrame(d)
  const { streams } = d
  const { toStream, toShown } = d.view

  async function form(c: HttpContext, stream: StreamResource | null): Promise<Shown | Response> {
    const inSheet = isHtmx(c)
    const fields = (
      <StreamForm stream={stream} inputs={await d.inputChoices()} actor={c.get('actor')} inSheet={inSheet} />
    )
    const title = stream ? `Edit ${stream.title}` : 'New stream'
    if (!inSheet) return { ...PAGE, title, body: <div class="card card-pad">{fields}</div> }
    return answerHtml(
      c,
      String(
        <Sheet id="sheet" title={title} open>
          {fields}
        </Sheet>,
      ),
    )
  }

  return [
    show('/streams', 'stream.see', async (c) => {
      const actor = c.get('actor')
      // An address that makes no sense shows the first page.
      const query = listQuery.catch({}).parse(Object.fromEntries(Object.entries(c.req.query()).filter(([, it]) => it)))
      const { rows, next } = streams.list({ ...query, limit: LIMIT }, actor)
      const names = new Map(may(actor, 'manage') ? d.people().map(({ id, name }) => [id, name]) : [])
      return {
        ...PAGE,
        title: 'Streams',
        body: (
          <ListPage
            streams={rows.map((row) => toShown(row, actor))}
            next={next}
            query={query}
            ownerOf={({ owner_id }) => names.get(owner_id ?? 0) ?? null}
            mayMake={may(actor, 'stream.make')}
          />
        ),
      }
    }),
    show('/streams/new', 'stream.make', (c) => form(c, null)),
    show(
      '/streams/:key',
      'public',
      async (c) => {
        const actor = c.get('actor')
        const row = streams.find(c.req.param('key') ?? '', actor)
        const relation = streams.streamRelation(actor, row)
        const mayShare = may(actor, 'stream.share', relation)
        const members = mayShare ? d.members.list(row.id) : []
        const isIn = new Set([row.ownerId, ...members.map((member) => member.user_id)])
        const all = mayShare ? d.people() : []
        const body = (
          <StreamPage
            stream={toShown(row, actor)}
            mayEdit={may(actor, 'stream.edit', relation)}
            mayCapture={row.inputId !== null && may(actor, 'picture.edit', relation)}
            isInside={may(actor, 'see')}
            members={
              mayShare
                ? {
                    owner: all.find(({ id }) => id === row.ownerId)?.name ?? null,
                    members,
                    people: all.filter(({ id }) => !isIn.has(id)),
                  }
                : null
            }
            gallery={await d.gallery(c, row)}
          />
        )
        return { ...PAGE, page: `stream:${row.key}`, title: row.title, body }
      },
      toRelationOf(streams),
    ),
    show(
      '/streams/:key/edit',
      'stream.edit',
      (c) => form(c, toStream(streams.find(c.req.param('key') ?? '', c.get('actor')), c.get('actor'))),
      toRelationOf(streams),
    ),
  ]
}

const BrowseLink = () => <LinkButton label="All pictures" icon="pictures" kind="quiet" href="/browse" />

function ListPage({ mayMake, ...list }: StreamListProps & { mayMake: boolean }) {
  const { streams, query } = list
  const isBare = streams.length === 0 && !query.q && !query.status
  const live = streams.filter(({ status }) => status === 'live').length
  return (
    <>
      <PageHead
        title="Streams"
        lede={!isBare ? <p class="lede">{live === 0 ? 'None is live.' : `${live} live now.`}</p> : null}
        actions={
          <>
            <BrowseLink />
            {mayMake ? <LinkButton label="Trash" icon="trash" kind="quiet" href="/trash" /> : null}
            {mayMake && !isBare ? (
              <LinkButton label="New stream" icon="plus" kind="primary" {...opensSheet('/streams/new')} />
            ) : null}
          </>
        }
      />
      {isBare ? <NoStreams mayMake={mayMake} /> : <StreamList {...list} />}
    </>
  )
}

/** What strangers see first: the public streams. Null where there is none. */
export function toOpenFront(d: Pick<StreamPagesDeps, 'streams' | 'view'>) {
  return (c: HttpContext): Shown | null => {
    const actor = c.get('actor')
    const { rows } = d.streams.list({ limit: LIMIT }, actor)
    if (rows.length === 0) return null
    const body = (
      <>
        <PageHead title="Streams" actions={<BrowseLink />} />
        <StreamCards streams={rows.map((row) => d.view.toShown(row, actor))} />
      </>
    )
    return { ...PAGE, title: 'Streams', body }
  }
}
