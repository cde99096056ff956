import type { Route } from '../http/router.ts'
import type { createMemberRoutes } from './members.routes.tsx'
import { type createStreamRoutes, toRelationOf } from './streams.routes.tsx'
import type { Streams } from './streams.service.ts'

export type StreamTableDeps = {
  streams: Streams
  routes: ReturnType<typeof createStreamRoutes>
  members: ReturnType<typeof createMemberRoutes>
}

/** The rows of the table of routes that are about streams: each asks what the caller is to the one in its address. */
export function createStreamTable({ streams, routes, members }: StreamTableDeps): Route[] {
  const relationOf = toRelationOf(streams)
  const one = '/api/streams/:key'
  return [
    { method: 'GET', path: '/api/streams', access: 'public', endpoint: routes.list },
    { method: 'POST', path: '/api/streams', access: 'stream.make', endpoint: routes.create },
    { method: 'GET', path: one, access: 'public', relationOf, endpoint: routes.get },
    { method: 'PATCH', path: one, access: 'stream.edit', relationOf, endpoint: routes.edit },
    // A plain form knows no PATCH.
    { method: 'POST', path: one, access: 'stream.edit', relationOf, endpoint: routes.edit },
    { method: 'DELETE', path: one, access: 'stream.edit', relationOf, endpoint: routes.remove },
    { method: 'POST', path: `${one}/start`, access: 'stream.edit', relationOf, endpoint: routes.start },
    { method: 'POST', path: `${one}/end`, access: 'stream.edit', relationOf, endpoint: routes.end },
    {
      method: 'POST',
      path: `${one}/restore`,
      access: 'stream.edit',
      relationOf: toRelationOf(streams, { inTrash: true }),
      endpoint: routes.restore,
    },
    { method: 'GET', path: `${one}/live.jpg`, access: 'public', relationOf, endpoint: routes.still },
    { method: 'GET', path: `${one}/members`, access: 'stream.share', relationOf, endpoint: members.list },
    { method: 'POST', path: `${one}/members`, access: 'stream.share', relationOf, endpoint: members.create },
    { method: 'PATCH', path: `${one}/members/:mid`, access: 'stream.share', relationOf, endpoint: members.edit },
    { method: 'DELETE', path: `${one}/members/:mid`, access: 'stream.share', relationOf, endpoint: members.remove },
    { method: 'POST', path: `${one}/capture`, access: 'picture.edit', relationOf, endpoint: routes.capture },
  ]
}
