import { endpoint } from './http/endpoint.ts'
import { toOpenApi } from './http/openapi.ts'
import { reply } from './http/reply.tsx'
import type { Route } from './http/router.ts'
import type { createSystemRoutes } from './system/system.routes.tsx'

export type Endpoints = {
  system: ReturnType<typeof createSystemRoutes>
  /** True with FAULTS=1. */
  faults: boolean
  about: { version: string; serverUrl: string }
}

/** Every route of the server on one screen, each with its rule of access. Pages are mounted by pages/. */
export function createRoutes({ system, faults, about }: Endpoints): Route[] {
  const routes: Route[] = [
    { method: 'GET', path: '/api/health', access: 'public', endpoint: system.health },
    { method: 'GET', path: '/health', access: 'public', endpoint: system.health },
    { method: 'GET', path: '/healthz', access: 'public', endpoint: system.live },
    { method: 'GET', path: '/readyz', access: 'public', endpoint: system.ready },
    { method: 'GET', path: '/api/system/status', access: 'key', endpoint: system.status },
    { method: 'GET', path: '/api/system/mediamtx/status', access: 'key', endpoint: system.mediamtx },
    { method: 'GET', path: '/api/system/settings', access: 'key', endpoint: system.settings },
    { method: 'GET', path: '/api/system/logs', access: 'key', endpoint: system.logs },
  ]
  if (faults) routes.push({ method: 'POST', path: '/api/system/faults', access: 'key', endpoint: system.faults })

  const openapi = endpoint({
    summary: 'This document.',
    tag: 'system',
    handle: ({ c }) => reply(c, { json: document }),
  })
  routes.push({ method: 'GET', path: '/api/openapi.json', access: 'key', endpoint: openapi })
  const document = toOpenApi(routes, about)
  return routes
}
