import { z } from 'zod'
import { AppError } from '../errors.ts'
import { endpoint } from '../http/endpoint.ts'
import { inputParams } from './inputs.schema.ts'
import type { Inputs } from './inputs.service.ts'

const WIDTHS = ['160', '320', '640', '1280', '1920'] as const

const stillQuery = z.strictObject({
  width: z.enum(WIDTHS, { error: `One of ${WIDTHS.join(', ')}.` }).optional(),
  /** Ignored: a page puts the still's time there, so that each still has an address of its own. */
  at: z
    .string()
    .regex(/^\d{1,16}$/)
    .optional(),
})

/** GET live.jpg: the newest picture of an input. Whoever has it already is told so by its strong ETag. */
export function createLiveStill({ inputs }: { inputs: Pick<Inputs, 'still'> }) {
  return endpoint({
    summary: 'The newest picture of an input, as JPEG.',
    tag: 'inputs',
    params: inputParams,
    query: stillQuery,
    mediaType: 'image/jpeg',
    refusals: ['unavailable'],
    async handle({ c, params, query }) {
      const still = await inputs.still(params.id, Number(query.width ?? 1280))
      if (!still)
        throw new AppError({ kind: 'not_found', code: 'input.no_picture', message: 'There is no picture of it yet.' })
      const etag = `"${Bun.hash(still.jpeg).toString(36)}"`
      const headers = { etag, 'cache-control': 'private, no-cache' }
      if (isKnown(c.req.header('if-none-match'), etag)) return new Response(null, { status: 304, headers })
      return new Response(still.jpeg, { headers: { ...headers, 'content-type': 'image/jpeg' } })
    },
  })
}

/** If-None-Match compares weakly (RFC 9110, 13.1.2). */
function isKnown(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  return header.split(',').some((each) => each.trim() === '*' || each.trim().replace(/^W\//, '') === etag)
}
