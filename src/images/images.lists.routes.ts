import { endpoint } from '../http/endpoint.ts'
import { reply } from '../http/reply.tsx'
import { LOOKS_EXAMPLE, PAGE_EXAMPLE, STATS_EXAMPLE } from './images.examples.ts'
import {
  galleryParams,
  imageParams,
  looksQuery,
  looksView,
  imagesPage,
  imagesQuery,
  imagesStats,
  searchPage,
  searchQuery,
} from './images.schema.ts'
import type { Images } from './images.service.ts'

/** Many pictures at once: of a stream, of all streams, their sums; and when one was looked at. */
export function createImageListRoutes({ images }: { images: Pick<Images, 'list' | 'search' | 'stats' | 'looks'> }) {
  const tag = 'images'
  return {
    list: endpoint({
      summary: 'The pictures of a stream that the caller may see.',
      tag,
      params: galleryParams,
      query: imagesQuery,
      response: imagesPage,
      example: { response: PAGE_EXAMPLE },
      handle: async ({ c, params, query, actor }) => reply(c, { json: await images.list(actor, params.key, query) }),
    }),
    search: endpoint({
      summary: 'Pictures of every stream that the caller finds, by words, the newest first.',
      tag,
      query: searchQuery,
      response: searchPage,
      example: { response: PAGE_EXAMPLE },
      handle: async ({ c, query, actor }) => reply(c, { json: await images.search(actor, query) }),
    }),
    stats: endpoint({
      summary: 'How many pictures a stream has, how big they are and how often they were looked at.',
      tag,
      params: galleryParams,
      response: imagesStats,
      example: { response: STATS_EXAMPLE },
      handle: async ({ c, params, actor }) => reply(c, { json: await images.stats(actor, params.key) }),
    }),
    looks: endpoint({
      summary: 'How often a picture was looked at, hour by hour or day by day; for its owners.',
      tag,
      params: imageParams,
      query: looksQuery,
      response: looksView,
      example: { response: LOOKS_EXAMPLE },
      handle: async ({ c, params, query, actor }) => reply(c, { json: await images.looks(actor, params.id, query) }),
    }),
  }
}
