/** @jsxImportSource hono/jsx */
import { endpoint } from '../../http/endpoint.ts'
import { reply } from '../../http/reply.tsx'
import { CACHE_EXAMPLE } from '../images.examples.ts'
import { cacheClear, cacheStats } from '../images.schema.ts'
import { CacheTable } from './cache.views.tsx'
import type { Layers } from './layers.ts'

/** GET /api/images/cache/stats, POST /api/images/cache/clear */
export function createCacheRoutes({ layers }: { layers: Pick<Layers, 'stats' | 'clear'> }) {
  const tag = 'images'
  return {
    cacheStats: endpoint({
      summary: 'What of the pictures is in memory and on the disk, and how often it was there when it was asked for.',
      tag,
      response: cacheStats,
      example: { response: CACHE_EXAMPLE },
      async handle({ c }) {
        const json = await layers.stats()
        return reply(c, { json, fragment: () => <CacheTable stats={json} /> })
      },
    }),
    cacheClear: endpoint({
      summary: 'Lets go of pictures in memory: of one page, of all, or of those that came first. No picture is lost.',
      tag,
      body: cacheClear,
      form: { oldest_percent: 'number' },
      status: 202,
      response: cacheStats,
      example: { request: { page: 'stream_gallery' }, response: CACHE_EXAMPLE },
      async handle({ c, body }) {
        // All pages share one memory, and there is one that has pictures.
        layers.clear(body.oldest_percent)
        const json = await layers.stats()
        const toast = { text: 'The memory of pictures is cleared', tone: 'ok' } as const
        const fragment = () => <CacheTable stats={json} />
        return reply(c, { json, status: 202, redirect: '/system', fragment, toast })
      },
    }),
  }
}
