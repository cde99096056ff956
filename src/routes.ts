import { endpoint } from './http/endpoint.ts'
import { toOpenApi } from './http/openapi.ts'
import { reply } from './http/reply.tsx'
import type { Route } from './http/router.ts'
import type { createInputRoutes } from './inputs/inputs.routes.tsx'
import type { createOutputRoutes } from './outputs/outputs.routes.tsx'
import type { createEventRoutes } from './pages/events.routes.ts'
import type { createSystemRoutes } from './system/system.routes.tsx'
import type { createSessionRoutes } from './users/session.routes.tsx'

export type Endpoints = {
  system: ReturnType<typeof createSystemRoutes>
  inputs: ReturnType<typeof createInputRoutes>
  outputs: ReturnType<typeof createOutputRoutes>
  events: ReturnType<typeof createEventRoutes>
  session: ReturnType<typeof createSessionRoutes>
  /** True with FAULTS=1. */
  faults: boolean
  about: { version: string; serverUrl: string }
}

/** Every route of the server on one screen, each with its rule of access. Pages are mounted by pages/. */
export function createRoutes({ system, inputs, outputs, events, session, faults, about }: Endpoints): Route[] {
  const routes: Route[] = [
    { method: 'GET', path: '/api/health', access: 'public', endpoint: system.health },
    { method: 'GET', path: '/health', access: 'public', endpoint: system.health },
    { method: 'GET', path: '/healthz', access: 'public', endpoint: system.live },
    { method: 'GET', path: '/readyz', access: 'public', endpoint: system.ready },
    { method: 'GET', path: '/api/session', access: 'public', endpoint: session.get },
    { method: 'POST', path: '/api/session', access: 'public', endpoint: session.create },
    { method: 'DELETE', path: '/api/session', access: 'public', endpoint: session.remove },
    { method: 'GET', path: '/api/system/status', access: 'key', endpoint: system.status },
    { method: 'GET', path: '/api/system/mediamtx/status', access: 'key', endpoint: system.mediamtx },
    { method: 'GET', path: '/api/system/settings', access: 'key', endpoint: system.settings },
    { method: 'GET', path: '/api/system/logs', access: 'key', endpoint: system.logs },
    { method: 'GET', path: '/api/inputs', access: 'key', endpoint: inputs.list },
    { method: 'POST', path: '/api/inputs', access: 'key', endpoint: inputs.create },
    { method: 'GET', path: '/api/inputs/:id', access: 'key', endpoint: inputs.get },
    { method: 'PATCH', path: '/api/inputs/:id', access: 'key', endpoint: inputs.edit },
    // A plain form knows no PATCH.
    { method: 'POST', path: '/api/inputs/:id', access: 'key', endpoint: inputs.edit },
    { method: 'DELETE', path: '/api/inputs/:id', access: 'key', endpoint: inputs.remove },
    { method: 'POST', path: '/api/inputs/:id/start', access: 'key', endpoint: inputs.start },
    { method: 'POST', path: '/api/inputs/:id/stop', access: 'key', endpoint: inputs.stop },
    { method: 'POST', path: '/api/inputs/:id/restart', access: 'key', endpoint: inputs.restart },
    { method: 'POST', path: '/api/inputs/:id/publish-key', access: 'key', endpoint: inputs.renewKey },
    { method: 'GET', path: '/api/inputs/:id/probe', access: 'key', endpoint: inputs.probe },
    { method: 'GET', path: '/api/inputs/:id/logs', access: 'key', endpoint: inputs.logs },
    { method: 'GET', path: '/api/inputs/:id/history', access: 'key', endpoint: inputs.history },
    { method: 'GET', path: '/api/inputs/:id/events', access: 'key', endpoint: inputs.events },
    { method: 'GET', path: '/api/inputs/:id/live.jpg', access: 'key', endpoint: inputs.still },
    { method: 'GET', path: '/api/inputs/:id/outputs', access: 'key', endpoint: outputs.list },
    { method: 'POST', path: '/api/inputs/:id/outputs', access: 'key', endpoint: outputs.create },
    { method: 'POST', path: '/api/inputs/:id/outputs/start', access: 'key', endpoint: outputs.startAll },
    { method: 'POST', path: '/api/inputs/:id/outputs/stop', access: 'key', endpoint: outputs.stopAll },
    { method: 'GET', path: '/api/inputs/:id/outputs/:oid', access: 'key', endpoint: outputs.get },
    { method: 'PATCH', path: '/api/inputs/:id/outputs/:oid', access: 'key', endpoint: outputs.edit },
    { method: 'POST', path: '/api/inputs/:id/outputs/:oid', access: 'key', endpoint: outputs.edit },
    { method: 'DELETE', path: '/api/inputs/:id/outputs/:oid', access: 'key', endpoint: outputs.remove },
    { method: 'POST', path: '/api/inputs/:id/outputs/:oid/start', access: 'key', endpoint: outputs.start },
    { method: 'POST', path: '/api/inputs/:id/outputs/:oid/stop', access: 'key', endpoint: outputs.stop },
    { method: 'POST', path: '/api/inputs/:id/outputs/:oid/restart', access: 'key', endpoint: outputs.restart },
    { method: 'POST', path: '/api/inputs/:id/outputs/:oid/duplicate', access: 'key', endpoint: outputs.duplicate },
    { method: 'GET', path: '/api/inputs/:id/outputs/:oid/logs', access: 'key', endpoint: outputs.logs },
    { method: 'GET', path: '/api/events', access: 'key', endpoint: events.stream },
    { method: 'GET', path: '/events', access: 'key', endpoint: events.page },
  ]
  if (faults) routes.push({ method: 'POST', path: '/api/system/faults', access: 'key', endpoint: system.faults })

  let document: Record<string, unknown> | null = null
  const openapi = endpoint({
    summary: 'This document.',
    mediaType: 'application/json',
    tag: 'system',
    handle({ c }) {
      // Made when first asked for: it would be a third of the time that a start takes.
      document ??= toOpenApi(routes, about)
      return reply(c, { json: document })
    },
  })
  routes.push({ method: 'GET', path: '/api/openapi.json', access: 'key', endpoint: openapi })
  return routes
}
