import type { RelationOf, Route } from '../http/router.ts'
import type { ImageRights, StreamsOfImages } from './images.rights.ts'
import { noSuchImage } from './images.rights.ts'
import type { ImageIndex } from './images.index.ts'
import type { createBytesRoutes } from './bytes/bytes.routes.ts'
import type { createCacheRoutes } from './bytes/cache.routes.tsx'
import type { createImageListRoutes } from './images.lists.routes.ts'
import type { createImageRoutes } from './images.routes.tsx'

export type ImageTableDeps = {
  routes: ReturnType<typeof createImageRoutes> &
    ReturnType<typeof createImageListRoutes> &
    ReturnType<typeof createCacheRoutes> & { bytes: ReturnType<typeof createBytesRoutes>['get'] }
  rights: ImageRights
  index: Pick<ImageIndex, 'get'>
  streams: Pick<StreamsOfImages, 'relationOf'>
}

/** The rows of the table of routes that are about pictures: each asks what the caller is to the stream that has them. */
export function createImageTable({ routes, rights, index, streams }: ImageTableDeps): Route[] {
  const ofGallery: RelationOf = (c) => {
    const actor = c.get('actor')
    return streams.relationOf(actor, rights.needStream(actor, c.req.param('key') ?? '').stream)
  }
  const ofImage: RelationOf = (c) => {
    const actor = c.get('actor')
    const seen = rights.look(actor, index.get(c.req.param('id') ?? ''))
    if (!seen) throw noSuchImage()
    return streams.relationOf(actor, seen.stream)
  }
  const gallery = '/api/streams/:key/images'
  const one = '/api/images/:id'
  const edit = { access: 'picture.edit', relationOf: ofImage } as const
  return [
    { method: 'GET', path: gallery, access: 'public', relationOf: ofGallery, endpoint: routes.list },
    {
      method: 'POST',
      path: gallery,
      access: 'picture.edit',
      relationOf: ofGallery,
      endpoint: routes.upload,
      isUpload: true,
    },
    { method: 'GET', path: `${gallery}/stats`, access: 'public', relationOf: ofGallery, endpoint: routes.stats },
    // Words before ids: no id is a word.
    { method: 'POST', path: '/api/images/bulk', access: 'public', endpoint: routes.bulk },
    { method: 'GET', path: '/api/images/search', access: 'public', endpoint: routes.search },
    { method: 'GET', path: '/api/images/cache/stats', access: 'operate', endpoint: routes.cacheStats },
    { method: 'POST', path: '/api/images/cache/clear', access: 'operate', endpoint: routes.cacheClear },
    { method: 'GET', path: '/api/images/check', access: 'manage', endpoint: routes.check },
    { method: 'POST', path: '/api/images/check', access: 'manage', endpoint: routes.repair },
    { method: 'GET', path: one, access: 'public', relationOf: ofImage, endpoint: routes.get },
    { method: 'PATCH', path: one, ...edit, endpoint: routes.edit },
    { method: 'DELETE', path: one, ...edit, endpoint: routes.remove },
    { method: 'POST', path: `${one}/restore`, ...edit, endpoint: routes.restore },
    { method: 'POST', path: `${one}/view`, access: 'public', relationOf: ofImage, endpoint: routes.view, isLook: true },
    { method: 'POST', path: `${one}/revoke-links`, ...edit, endpoint: routes.revokeLinks },
    { method: 'GET', path: `${one}/stats`, ...edit, endpoint: routes.looks },
    { method: 'GET', path: `${one}/signed-url`, ...edit, endpoint: routes.signedUrl },
    { method: 'GET', path: '/images/:id/:variant', access: 'public', endpoint: routes.bytes },
  ]
}
