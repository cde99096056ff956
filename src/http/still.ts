import { z } from 'zod'
import { AppError } from '../errors.ts'
import type { HttpContext } from './endpoint.ts'

const WIDTHS = ['160', '320', '640', '1280', '1920'] as const

/** How wide at most, in pixels; 1280 where nobody says. */
export const stillQuery = z.strictObject({
  width: z
    .enum(WIDTHS, { error: `One of ${WIDTHS.join(', ')}.` })
    .default('1280')
    .transform(Number),
  /** Ignored: a page puts the still's time there, so that each still has an address of its own. */
  at: z
    .string()
    .regex(/^\d{1,16}$/)
    .optional(),
})

/**
 * The newest picture of a feed. Whoever has it already is told so by its strong ETag.
 * @throws AppError not_found `input.no_picture` where there is none
 */
export function answerStill(c: HttpContext, still: { jpeg: Uint8Array } | null): Response {
  if (!still)
    throw new AppError({ kind: 'not_found', code: 'input.no_picture', message: 'There is no picture of it yet.' })
  const etag = `"${Bun.hash(still.jpeg).toString(36)}"`
  const headers = { etag, 'cache-control': 'private, no-cache' }
  if (isKnown(c.req.header('if-none-match'), etag)) return new Response(null, { status: 304, headers })
  return new Response(still.jpeg as Uint8Array<ArrayBuffer>, { headers: { ...headers, 'content-type': 'image/jpeg' } })
}

/** If-None-Match compares weakly (RFC 9110, 13.1.2). */
function isKnown(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  return header.split(',').some((each) => each.trim() === '*' || each.trim().replace(/^W\//, '') === etag)
}
