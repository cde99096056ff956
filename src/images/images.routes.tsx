/** @jsxImportSource hono/jsx */
import { endpoint, type HttpContext } from '../http/endpoint.ts'
import { type Bytes, toBoundary } from '../http/multipart.ts'
import { isHtmx, reply, replyPage, wantsHtml } from '../http/reply.tsx'
import { requestUrl } from '../http/request-host.ts'
import { themeOf } from '../http/theme.ts'
import type { StreamRow } from '../db/tables/streams.ts'
import { AppError, ERROR_STATUS } from '../errors.ts'
import { toIso } from '../lib/fields.ts'
import type { Clock } from '../lib/clock.ts'
import { CHECK_EXAMPLE, IMAGE_EXAMPLE, LINK_EXAMPLE } from './images.examples.ts'
import type { LinkSigner } from './images.links.ts'
import { toVersion } from './images.resource.ts'
import type { ImageRights } from './images.rights.ts'
import {
  bulkAnswer,
  bulkBody,
  checkAnswer,
  galleryParams,
  imageParams,
  imagePatch,
  imageResource,
  linkQuery,
  removeQuery,
  signedLink,
  uploadQuery,
  type UploadItem,
} from './images.schema.ts'
import type { Images } from './images.service.ts'
import type { ImageCheck } from './storage/check.ts'
import { UploadRefused } from './upload/refused.views.tsx'
import { toMaxBody, toUploaded, type Uploads } from './upload/uploads.ts'

export type ImageRouteDeps = {
  images: Images
  uploads: Uploads
  check: ImageCheck
  rights: ImageRights
  links: LinkSigner
  clock: Clock
  publicUrl: string | null
  maxUploadBytes: number
  signedUrlSeconds: number
}

const tag = 'images'
/** A line may stand still so long while a picture comes in, waits for its turn or is decoded. */
const IDLE_SECONDS = 180
const FILE = 'file'

export function createImageRoutes(d: ImageRouteDeps) {
  const { images, rights } = d

  async function sendForm(c: HttpContext, stream: StreamRow, boundary: string): Promise<Response> {
    const origin = { stream, ownerId: c.get('actor').user?.id ?? null, source: 'upload' as const }
    const items = await d.uploads.form(bodyOf(c), boundary, origin, c.req.raw.signal)
    const [status, back] = [statusOf(items), galleryOf(stream)]
    const files = c.get('pageFiles') ?? { cssUrl: '', jsUrl: '', iconUrl: '' }
    if (wantsHtml(c) && !isHtmx(c) && items.some(({ error }) => error !== undefined))
      return replyPage(c, <UploadRefused {...{ items, back, files }} theme={themeOf(c)} />, { status })
    return reply(c, { json: { items }, status, redirect: back })
  }

  return {
    upload: endpoint({
      summary: 'Takes pictures in: JPEG, PNG, WebP, GIF or BMP as the whole body, or files of a form.',
      tag,
      params: galleryParams,
      upload: FILE,
      maxBodyBytes: toMaxBody(d.maxUploadBytes),
      status: 201,
      response: imageResource,
      example: { response: IMAGE_EXAMPLE },
      refusals: ['conflict'],
      query: uploadQuery,
      async handle({ c, params, query, actor }) {
        const { stream } = rights.needStream(actor, params.key)
        rights.requireEdit(actor, stream)
        c.env?.server?.timeout(c.req.raw, IDLE_SECONDS)
        const boundary = toBoundary(c.req.header('content-type') ?? '')
        if (boundary !== null) return sendForm(c, stream, boundary)
        const { filename = '', ...about } = query
        const origin = { ...about, stream, filename, ownerId: actor.user?.id ?? null, source: 'upload' as const }
        const request = c.req.raw
        const body = request.headers.has('content-length') ? request : bodyOf(c)
        const { row, isDuplicate } = await d.uploads.raw(body, origin, request.signal)
        return reply(c, {
          json: toUploaded(row, origin, isDuplicate),
          status: isDuplicate ? 200 : 201,
          redirect: galleryOf(stream),
          ...(!isDuplicate && { location: `/api/images/${row.id}` }),
        })
      },
    }),
    get: endpoint({
      summary: 'What is known of a picture.',
      tag,
      params: imageParams,
      response: imageResource,
      example: { response: IMAGE_EXAMPLE },
      handle: async ({ c, params, actor }) => reply(c, { json: await images.get(actor, params.id) }),
    }),
    edit: endpoint({
      summary: 'Changes what is said about a picture, or who sees it.',
      tag,
      params: imageParams,
      body: imagePatch,
      response: imageResource,
      example: { request: { title: 'On stage', visibility: 'public' }, response: IMAGE_EXAMPLE },
      handle: async ({ c, params, body, actor }) => reply(c, { json: await images.edit(actor, params.id, body) }),
    }),
    remove: endpoint({
      summary: 'Moves a picture to the trash, or with ?purge=true out of the trash for ever.',
      tag,
      params: imageParams,
      query: removeQuery,
      status: 204,
      refusals: ['conflict'],
      async handle({ c, params, query, actor }) {
        await (query.purge ? images.purge(actor, params.id) : images.remove(actor, params.id))
        return reply(c, { json: undefined, status: 204 })
      },
    }),
    restore: endpoint({
      summary: 'Takes a picture out of the trash.',
      tag,
      params: imageParams,
      status: 202,
      response: imageResource,
      example: { response: IMAGE_EXAMPLE },
      refusals: ['conflict'],
      handle: async ({ c, params, actor }) => reply(c, { json: await images.restore(actor, params.id), status: 202 }),
    }),
    view: endpoint({
      summary: 'Counts one look at a picture.',
      tag,
      params: imageParams,
      status: 204,
      async handle({ c, params, actor }) {
        await images.view(actor, params.id)
        return reply(c, { json: undefined, status: 204 })
      },
    }),
    revokeLinks: endpoint({
      summary: 'Ends every signed link of a picture.',
      tag,
      params: imageParams,
      status: 202,
      response: imageResource,
      example: { response: IMAGE_EXAMPLE },
      handle: async ({ c, params, actor }) =>
        reply(c, { json: await images.revokeLinks(actor, params.id), status: 202 }),
    }),
    signedUrl: endpoint({
      summary: 'A link to a picture that works without a login, for so many seconds.',
      tag,
      params: imageParams,
      query: linkQuery,
      response: signedLink,
      example: { response: LINK_EXAMPLE },
      refusals: ['conflict'],
      async handle({ c, params, query, actor }) {
        const { row, stream } = await images.findOwn(actor, params.id)
        if (row.deletedAt !== null) {
          const message = 'It is in the trash. Restore it first.'
          throw new AppError({ kind: 'conflict', code: 'image.in_trash', message })
        }
        const expSeconds = Math.floor(d.clock.wall() / 1000) + (query.expires ?? d.signedUrlSeconds)
        const path = `/images/${row.id}/${query.variant ?? 'large'}`
        const signature = d.links.sign(path, row, expSeconds)
        const url = `${requestUrl(c, d.publicUrl)}${path}?v=${toVersion(row, stream)}&${signature}`
        return reply(c, { json: { url, expires_at: toIso(expSeconds * 1000) } })
      },
    }),
    bulk: endpoint({
      summary: 'One act on up to 200 pictures; the answer says what became of each.',
      tag,
      body: bulkBody,
      response: bulkAnswer,
      example: {
        request: { ids: [IMAGE_EXAMPLE.id], action: 'visibility', visibility: 'public' },
        response: { results: [{ id: IMAGE_EXAMPLE.id, status: 200 }] },
      },
      async handle({ c, body, actor }) {
        const { ids, ...act } = body
        const { results } = await images.bulk(actor, body)
        // On record are those that it was done to.
        const done = results.filter(({ status }) => status < 400).map(({ id }) => id)
        c.set('about', { ...act, asked: ids.length, ids: done })
        return reply(c, { json: { results } })
      },
    }),
    check: endpoint({
      summary: 'Whether pictures and files agree: what is missing, orphaned or in quarantine.',
      tag,
      response: checkAnswer,
      example: { response: CHECK_EXAMPLE },
      handle: async ({ c }) => reply(c, { json: await d.check.look() }),
    }),
    repair: endpoint({
      summary: 'Acts on what the check finds: sets files without a picture aside, makes missing sizes again.',
      tag,
      response: checkAnswer,
      example: { response: CHECK_EXAMPLE },
      handle: async ({ c }) => reply(c, { json: await d.check.repair() }),
    }),
  }
}

/** No body is an empty one. */
function bodyOf(c: HttpContext): Bytes {
  return (c.req.raw.body as unknown as Bytes | null) ?? new Blob([]).stream()
}

const galleryOf = (stream: StreamRow) => `/streams/${stream.key}`

/** 201 if any was taken, 200 if any was there, else as the first was refused. */
function statusOf(items: readonly UploadItem[]): number {
  if (items.some(({ status }) => status === 'created')) return 201
  if (items.some(({ status }) => status === 'duplicate')) return 200
  return items.find(({ error }) => error)?.error?.status ?? ERROR_STATUS.invalid
}
