/** @jsxImportSource hono/jsx */
import type { StreamRow } from '../db/tables/streams.ts'
import { AppError } from '../errors.ts'
import { endpoint, type HttpContext } from '../http/endpoint.ts'
import { reply } from '../http/reply.tsx'
import type { RelationOf } from '../http/router.ts'
import { answerStill, stillQuery } from '../http/still.ts'
import { CAPTURE_WIDTH } from './snapshots.ts'
import { STREAM_EXAMPLE } from './streams.examples.ts'
import { STREAM_FORM } from './streams.form.ts'
import { refusedStream, StreamForm } from './streams.form.views.tsx'
import { liveInputOf, type StreamFeeds, type StreamPictures, type StreamView } from './streams.resource.ts'
import {
  type StreamResource,
  streamCreate,
  streamParams,
  streamPatch,
  streamResource,
  streamsPage,
  streamsQuery,
} from './streams.schema.ts'
import type { Streams } from './streams.service.ts'
import { StreamCard, StreamCards } from './streams.views.tsx'

const tag = 'streams'

export type StreamRoutesDeps = {
  streams: Streams
  view: StreamView
  feeds: StreamFeeds
  /** The inputs that a form offers. */
  inputChoices(): Promise<{ id: number; name: string }[]>
  pictures: Pick<StreamPictures, 'add'>
}

/** What the caller is to the stream that the address names. @throws AppError not_found */
export function toRelationOf(streams: Streams, o: { inTrash?: boolean } = {}): RelationOf {
  return (c) => {
    const key = c.req.param('key') ?? ''
    const actor = c.get('actor')
    const row = o.inTrash ? streams.findInTrash(key, actor) : streams.find(key, actor)
    return streams.streamRelation(actor, row)
  }
}

/** Streams, one endpoint each: JSON for programs, the fragment of a page for those who ask for HTML. */
export function createStreamRoutes({ streams, view, feeds, inputChoices, pictures }: StreamRoutesDeps) {
  const { toStream, toShown } = view

  function answer(c: HttpContext, row: StreamRow, status: number): Response {
    const stream = toStream(row, c.get('actor'))
    const redirect = `/streams/${stream.key}`
    return reply(c, { json: stream, status, redirect, leave: true })
  }

  const action = (summary: string, run: (id: number) => Promise<StreamRow>, inTrash = false) =>
    endpoint({
      summary,
      tag,
      params: streamParams,
      status: 202,
      response: streamResource,
      example: { response: STREAM_EXAMPLE },
      refusals: ['conflict'],
      async handle({ c, params, actor }) {
        const row = inTrash ? streams.findInTrash(params.key, actor) : streams.find(params.key, actor)
        return answer(c, await run(row.id), 202)
      },
    })

  const form = async (c: HttpContext, stream: StreamResource | null, refused: ReturnType<typeof refusedStream>) => (
    <StreamForm stream={stream} inputs={await inputChoices()} actor={c.get('actor')} {...refused} />
  )

  return {
    list: endpoint({
      summary: 'The streams that the caller may see, the newest first.',
      tag,
      query: streamsQuery,
      response: streamsPage,
      example: { response: { items: [STREAM_EXAMPLE], next_cursor: null } },
      handle({ c, query, actor }) {
        const { rows, next, total } = streams.list(query, actor)
        const items = rows.map((row) => toStream(row, actor))
        const json = { items, next_cursor: next, ...(query.total && { total }) }
        return reply(c, { json, fragment: () => <StreamCards streams={rows.map((row) => toShown(row, actor))} /> })
      },
    }),
    create: endpoint({
      summary: 'A new stream. Its key is made from the title where none is given.',
      tag,
      body: streamCreate,
      form: STREAM_FORM,
      status: 201,
      response: streamResource,
      example: { request: { title: 'Friday night at St Mark’s', visibility: 'public' }, response: STREAM_EXAMPLE },
      refusals: ['conflict'],
      invalidFragment: ({ c, errors, typed }) => form(c, null, refusedStream(typed, errors)),
      async handle({ c, body, actor }) {
        const stream = toStream(await streams.create(body, actor), actor)
        const location = `/api/streams/${stream.key}`
        return reply(c, { json: stream, status: 201, location, redirect: `/streams/${stream.key}`, leave: true })
      },
    }),
    get: endpoint({
      summary: 'One stream.',
      tag,
      params: streamParams,
      response: streamResource,
      example: { response: STREAM_EXAMPLE },
      handle({ c, params, actor }) {
        const row = streams.find(params.key, actor)
        return reply(c, { json: toStream(row, actor), fragment: () => <StreamCard stream={toShown(row, actor)} /> })
      },
    }),
    edit: endpoint({
      summary: 'Change fields of a stream. Choosing its input needs an operator.',
      tag,
      params: streamParams,
      body: streamPatch,
      form: STREAM_FORM,
      response: streamResource,
      example: { request: { visibility: 'unlisted' }, response: { ...STREAM_EXAMPLE, visibility: 'unlisted' } },
      refusals: ['conflict'],
      invalidFragment: ({ c, params, errors, typed }) => {
        const actor = c.get('actor')
        return form(c, toStream(streams.find(params.key, actor), actor), refusedStream(typed, errors))
      },
      async handle({ c, params, body, actor }) {
        return answer(c, await streams.edit(streams.find(params.key, actor).id, body, actor), 200)
      },
    }),
    remove: endpoint({
      summary: 'Moves a stream and its pictures to the trash.',
      tag,
      params: streamParams,
      status: 204,
      async handle({ c, params, actor }) {
        await streams.remove(streams.find(params.key, actor).id)
        return reply(c, { json: undefined, status: 204, redirect: '/streams', leave: true })
      },
    }),
    start: action('Says that it has begun; one that has ended begins anew.', streams.start),
    end: action('Says that it has ended. Its input goes on and is free for another stream.', streams.end),
    restore: action('Takes a stream and its pictures out of the trash.', streams.restore, true),
    still: endpoint({
      summary: 'The newest picture of its feed, as JPEG, until it has ended.',
      tag,
      params: streamParams,
      query: stillQuery,
      mediaType: 'image/jpeg',
      refusals: ['unavailable'],
      async handle({ c, params, query, actor }) {
        return answerStill(c, await stillOf(streams.find(params.key, actor), query.width))
      },
    }),
    capture: endpoint({
      summary: 'Takes the live frame into the gallery, at full size. There is none while the feed is lost.',
      tag,
      params: streamParams,
      status: 201,
      refusals: ['conflict', 'unavailable', 'disk_full'],
      async handle({ c, params, actor }) {
        const row = streams.find(params.key, actor)
        const inputId = liveInputOf(row)
        if (inputId !== null && !feeds.isLive(inputId)) throw noPicture('Its feed is not there now.')
        const still = await stillOf(row, CAPTURE_WIDTH)
        if (!still) throw noPicture('There is no picture of it yet.')
        const image = await pictures.add(row, { jpeg: still.jpeg, atMs: still.at }, actor)
        const location = `/api/images/${image.id}`
        const toast = { text: 'The picture is in the gallery', tone: 'ok' } as const
        return reply(c, { json: image, status: 201, location, redirect: `/streams/${row.key}`, toast })
      },
    }),
  }

  async function stillOf(row: StreamRow, width: number) {
    const inputId = liveInputOf(row)
    return inputId === null ? null : feeds.still(inputId, width)
  }
}

const noPicture = (message: string) => new AppError({ kind: 'not_found', code: 'input.no_picture', message })
