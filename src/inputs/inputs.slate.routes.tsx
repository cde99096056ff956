/** @jsxImportSource hono/jsx */
import { z } from 'zod'
import { AppError } from '../errors.ts'
import { endpoint, type HttpContext } from '../http/endpoint.ts'
import { reply } from '../http/reply.tsx'
import { MAX_FORM_BYTES, readUpload } from '../http/upload.ts'
import { INPUT_EXAMPLE } from './inputs.examples.ts'
import type { Viewer } from '../lib/access.ts'
import { inputParams, inputResource } from './inputs.schema.ts'
import type { Inputs } from './inputs.service.ts'
import { InputSlate } from './inputs.slate.views.tsx'
import { MAX_SLATE_BYTES } from './slates.ts'

const tag = 'inputs'
const FIELD = 'file'

const slateQuery = z.strictObject({
  /** Ignored: it makes the address of each picture another. */
  v: z.string().max(64).optional(),
})

/** The picture that stands in for a lost feed: taken in, shown, removed. */
export function createSlateRoutes({ inputs, viewerOf }: { inputs: Inputs; viewerOf(c: HttpContext): Viewer }) {
  return {
    slate: endpoint({
      summary:
        'The picture of the slate: as it was sent, or upright and still as JPEG where it had Exif data or was a WebP that moves.',
      tag,
      params: inputParams,
      query: slateQuery,
      mediaType: 'image/*',
      async handle({ c, params }) {
        const picture = await inputs.slate(params.id)
        if (!picture) {
          const message = 'This slate has no picture of its own: it is a plain card with the name.'
          throw new AppError({ kind: 'not_found', code: 'input.no_slate_picture', message })
        }
        const etag = `"${picture.version}"`
        const headers = {
          etag,
          'cache-control': 'private, no-cache',
          'content-type': `image/${picture.type}`,
          'content-security-policy': "default-src 'none'; sandbox",
        }
        if (c.req.header('if-none-match') === etag) return new Response(null, { status: 304, headers })
        return new Response(Bun.file(picture.file), { headers })
      },
    }),
    setSlate: endpoint({
      summary:
        'A picture for the slate: JPEG, PNG, WebP, GIF or BMP, at most 20 MB and 50 million pixels. Of one that moves its first picture is taken.',
      tag,
      params: inputParams,
      upload: FIELD,
      maxBodyBytes: MAX_SLATE_BYTES + MAX_FORM_BYTES,
      status: 201,
      response: inputResource,
      example: { response: { ...INPUT_EXAMPLE, slate_url: '/api/inputs/1/slate?v=4f1c9a0e6b7d4c32' } },
      async handle({ c, params, actor }) {
        const bytes = readUpload(c, { field: FIELD, maxBytes: MAX_SLATE_BYTES })
        const input = await inputs.setSlate(params.id, bytes, actor.name, viewerOf(c))
        return reply(c, {
          json: input,
          status: 201,
          location: `/api/inputs/${input.id}/slate`,
          redirect: `/inputs/${input.id}`,
          fragment: () => <InputSlate input={input} />,
          toast: { text: 'The slate has its picture' },
        })
      },
    }),
    removeSlate: endpoint({
      summary: 'Back to a plain card with the name of the input.',
      tag,
      params: inputParams,
      status: 204,
      async handle({ c, params, actor }) {
        const input = await inputs.removeSlate(params.id, actor.name, viewerOf(c))
        return reply(c, {
          json: undefined,
          status: 204,
          redirect: `/inputs/${input.id}`,
          fragment: () => <InputSlate input={input} />,
          toast: { text: 'The slate is a plain card again' },
        })
      },
    }),
  }
}
