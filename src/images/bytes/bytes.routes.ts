import { z } from 'zod'
import { AppError } from '../../errors.ts'
import { endpoint, type HttpContext } from '../../http/endpoint.ts'
import { toProblemResponse } from '../../http/problems.tsx'
import { ORIGINAL } from '../storage/places.ts'
import { type ImageBytes, type Shown, toEnding } from './bytes.ts'
import { parseRange } from './range.ts'

const bytesParams = z.object({ id: z.uuid(), variant: z.string().max(20) })
/** What else stands there is of no matter: addresses are passed on, and picked up, with all sorts of things. */
const bytesQuery = z.object({
  v: z.string().max(100).optional(),
  exp: z.string().max(20).optional(),
  kid: z.string().max(20).optional(),
  sig: z.string().max(100).optional(),
})

const POLICY = "default-src 'none'; sandbox"

/** GET /images/{id}/{variant} */
export function createBytesRoutes({ bytes }: { bytes: ImageBytes }) {
  return {
    get: endpoint({
      summary: 'The bytes: thumb, small, large, full or original, each also with .jpg, .webp or .avif.',
      tag: 'images',
      params: bytesParams,
      query: bytesQuery,
      mediaType: 'image/*',
      refusals: ['not_found', 'gone', 'out_of_range', 'unavailable', 'disk_full'],
      async handle({ c, params, query, actor }) {
        const { v, exp, kid, sig } = query
        const isSigned = exp !== undefined || kid !== undefined || sig !== undefined
        const signed = isSigned ? { exp: exp ?? '', kid: kid ?? '', sig: sig ?? '' } : null
        const shown = bytes.look(actor, { ...params, v, signed })
        const headers = {
          etag: shown.etag,
          'cache-control': shown.cacheControl,
          'content-security-policy': POLICY,
        }
        const copies = c.req.header('if-none-match')
        const isHit = copies !== undefined && isKnown(copies, shown.etag)
        if (copies !== undefined) bytes.countHttp(isHit)
        if (isHit) return new Response(null, { status: 304, headers })
        return send(c, shown, { ...headers, 'content-type': shown.mime })
      },
    }),
  }

  async function send(c: HttpContext, shown: Shown, headers: Record<string, string>): Promise<Response> {
    const { blob: file, sizeBytes } = await bytes.open(shown)
    const isWhole = shown.name === ORIGINAL || shown.name.startsWith('full')
    const isHead = c.req.raw.method === 'HEAD'
    // Bun would say 0 for a body that is not there.
    const length = (count: number) => (isHead ? { 'content-length': String(count) } : {})
    if (!isWhole) return new Response(isHead ? null : file, { headers: { ...headers, ...length(sizeBytes) } })

    const home = {
      ...headers,
      'accept-ranges': 'bytes',
      'content-disposition': toDisposition(await bytes.filenameOf(shown), shown),
    }
    const ifRange = c.req.header('if-range')
    const range = ifRange && ifRange !== shown.etag ? 'all' : parseRange(c.req.header('range'), sizeBytes)
    if (range === 'none') {
      const message = `The file has ${sizeBytes} bytes, and what was asked for begins behind them.`
      const refusal = toProblemResponse(c, new AppError({ kind: 'out_of_range', code: 'image.range', message }))
      refusal.headers.set('content-range', `bytes */${sizeBytes}`)
      return refusal
    }
    if (range === 'all') return new Response(isHead ? null : file, { headers: { ...home, ...length(sizeBytes) } })
    const { first, last } = range
    const part = { ...home, 'content-range': `bytes ${first}-${last}/${sizeBytes}`, ...length(last - first + 1) }
    return new Response(isHead ? null : file.slice(first, last + 1), { status: 206, headers: part })
  }
}

/** Saved, never shown: an upload is as it was sent (RFC 6266, RFC 8187). */
function toDisposition(filename: string, shown: Shown): string {
  const plain = `picture-${shown.image.id.slice(-12)}.${toEnding(shown.mime)}`
  const encoded = encodeURIComponent(filename.replace(/[\\/]/g, '_')).replace(
    /['()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`
}

/** If-None-Match compares weakly (RFC 9110 13.1.2). */
function isKnown(header: string, etag: string): boolean {
  return header.split(',').some((each) => each.trim() === '*' || each.trim().replace(/^W\//, '') === etag)
}
