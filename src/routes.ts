import { endpoint } from './http/endpoint.ts'
import { toOpenApi } from './http/openapi.ts'
import { reply } from './http/reply.tsx'
import type { Route } from './http/router.ts'
import type { createInputRoutes } from './inputs/inputs.routes.tsx'
import type { createOutputRoutes } from './outputs/outputs.routes.tsx'
import { createImageTable, type ImageTableDeps } from './images/images-table.ts'
import type { createEventRoutes } from './pages/events.routes.ts'
import { createStreamTable, type StreamTableDeps } from './streams/streams-table.ts'
import type { createAuditRoutes } from './system/audit.routes.ts'
import type { createSystemRoutes } from './system/system.routes.tsx'
import type { createAccountRoutes } from './users/account.routes.tsx'
import { createPeopleTable } from './users/people-table.ts'
import type { createSessionRoutes } from './users/session.routes.ts'
import type { createKeyRoutes, createUserRoutes } from './users/users.routes.tsx'

export type Endpoints = {
  system: ReturnType<typeof createSystemRoutes>
  inputs: ReturnType<typeof createInputRoutes>
  outputs: ReturnType<typeof createOutputRoutes>
  events: ReturnType<typeof createEventRoutes>
  streams: StreamTableDeps
  images: ImageTableDeps
  session: ReturnType<typeof createSessionRoutes>
  account: ReturnType<typeof createAccountRoutes>
  users: ReturnType<typeof createUserRoutes>
  keys: ReturnType<typeof createKeyRoutes>
  audit: ReturnType<typeof createAuditRoutes>
  /** True with FAULTS=1. */
  faults: boolean
  about: { version: string; serverUrl: string }
}

/** Every route of the server on one screen, each with its rule of access. Pages are mounted by pages/. */
export function createRoutes(endpoints: Endpoints): Route[] {
  const { system, inputs, outputs, events, streams, images, session, account, users, keys, audit, faults, about } =
    endpoints
  const routes: Route[] = [
    { method: 'GET', path: '/api/health', access: 'public', endpoint: system.health },
    { method: 'GET', path: '/health', access: 'public', endpoint: system.health },
    { method: 'GET', path: '/healthz', access: 'public', endpoint: system.live },
    { method: 'GET', path: '/readyz', access: 'public', endpoint: system.ready },
    { method: 'GET', path: '/api/session', access: 'public', endpoint: session.get },
    { method: 'POST', path: '/api/session', access: 'public', endpoint: session.create },
    { method: 'DELETE', path: '/api/session', access: 'public', endpoint: session.remove },
    { method: 'POST', path: '/api/setup', access: 'public', endpoint: session.setUp },
    { method: 'POST', path: '/api/invitations/accept', access: 'public', endpoint: session.accept },
    { method: 'GET', path: '/api/me', access: 'self', endpoint: account.get },
    { method: 'PATCH', path: '/api/me', access: 'self', endpoint: account.edit },
    // A plain form knows no PATCH.
    { method: 'POST', path: '/api/me', access: 'self', endpoint: account.edit },
    { method: 'POST', path: '/api/me/password', access: 'self', endpoint: account.password },
    { method: 'POST', path: '/api/me/two-factor', access: 'self', endpoint: account.beginTwoFactor },
    { method: 'POST', path: '/api/me/two-factor/confirm', access: 'self', endpoint: account.confirmTwoFactor },
    { method: 'POST', path: '/api/me/two-factor/end', access: 'self', endpoint: account.endTwoFactor },
    { method: 'GET', path: '/api/sessions', access: 'self', endpoint: account.sessions },
    { method: 'DELETE', path: '/api/sessions', access: 'self', endpoint: account.endOthers },
    // Nor DELETE.
    { method: 'POST', path: '/api/sessions/delete', access: 'self', endpoint: account.endOthers },
    { method: 'DELETE', path: '/api/sessions/:id', access: 'self', endpoint: account.endSession },
    { method: 'POST', path: '/api/sessions/:id/delete', access: 'self', endpoint: account.endSession },
    ...createPeopleTable({ users, keys }),
    { method: 'GET', path: '/api/audit', access: 'manage', endpoint: audit.list },
    { method: 'GET', path: '/api/system/status', access: 'see', endpoint: system.status },
    { method: 'GET', path: '/api/system/mediamtx/status', access: 'see', endpoint: system.mediamtx },
    { method: 'GET', path: '/api/system/settings', access: 'operate', endpoint: system.settings },
    { method: 'GET', path: '/api/system/logs', access: 'operate', endpoint: system.logs },
    { method: 'GET', path: '/api/inputs', access: 'see', endpoint: inputs.list },
    { method: 'POST', path: '/api/inputs', access: 'operate', endpoint: inputs.create },
    { method: 'GET', path: '/api/inputs/:id', access: 'see', endpoint: inputs.get },
    { method: 'PATCH', path: '/api/inputs/:id', access: 'operate', endpoint: inputs.edit },
    // A plain form knows no PATCH.
    { method: 'POST', path: '/api/inputs/:id', access: 'operate', endpoint: inputs.edit },
    { method: 'DELETE', path: '/api/inputs/:id', access: 'operate', endpoint: inputs.remove },
    { method: 'POST', path: '/api/inputs/:id/start', access: 'operate', endpoint: inputs.start },
    { method: 'POST', path: '/api/inputs/:id/stop', access: 'operate', endpoint: inputs.stop },
    { method: 'POST', path: '/api/inputs/:id/restart', access: 'operate', endpoint: inputs.restart },
    { method: 'POST', path: '/api/inputs/:id/publish-key', access: 'operate', endpoint: inputs.renewKey },
    { method: 'POST', path: '/api/inputs/:id/switch', access: 'operate', endpoint: inputs.switch },
    { method: 'GET', path: '/api/inputs/:id/slate', access: 'see', endpoint: inputs.slate },
    { method: 'POST', path: '/api/inputs/:id/slate', access: 'operate', endpoint: inputs.setSlate, isUpload: true },
    { method: 'DELETE', path: '/api/inputs/:id/slate', access: 'operate', endpoint: inputs.removeSlate },
    { method: 'GET', path: '/api/inputs/:id/probe', access: 'see', endpoint: inputs.probe },
    { method: 'GET', path: '/api/inputs/:id/logs', access: 'operate', endpoint: inputs.logs },
    { method: 'GET', path: '/api/inputs/:id/history', access: 'see', endpoint: inputs.history },
    { method: 'GET', path: '/api/inputs/:id/events', access: 'see', endpoint: inputs.events },
    { method: 'GET', path: '/api/inputs/:id/live.jpg', access: 'see', endpoint: inputs.still },
    { method: 'GET', path: '/api/inputs/:id/outputs', access: 'see', endpoint: outputs.list },
    { method: 'POST', path: '/api/inputs/:id/outputs', access: 'operate', endpoint: outputs.create },
    { method: 'POST', path: '/api/inputs/:id/outputs/start', access: 'operate', endpoint: outputs.startAll },
    { method: 'POST', path: '/api/inputs/:id/outputs/stop', access: 'operate', endpoint: outputs.stopAll },
    { method: 'POST', path: '/api/inputs/:id/outputs/check', access: 'operate', endpoint: outputs.checkNew },
    { method: 'GET', path: '/api/inputs/:id/outputs/:oid', access: 'see', endpoint: outputs.get },
    { method: 'PATCH', path: '/api/inputs/:id/outputs/:oid', access: 'operate', endpoint: outputs.edit },
    { method: 'POST', path: '/api/inputs/:id/outputs/:oid', access: 'operate', endpoint: outputs.edit },
    { method: 'DELETE', path: '/api/inputs/:id/outputs/:oid', access: 'operate', endpoint: outputs.remove },
    { method: 'POST', path: '/api/inputs/:id/outputs/:oid/start', access: 'operate', endpoint: outputs.start },
    { method: 'POST', path: '/api/inputs/:id/outputs/:oid/stop', access: 'operate', endpoint: outputs.stop },
    { method: 'POST', path: '/api/inputs/:id/outputs/:oid/restart', access: 'operate', endpoint: outputs.restart },
    { method: 'POST', path: '/api/inputs/:id/outputs/:oid/duplicate', access: 'operate', endpoint: outputs.duplicate },
    { method: 'POST', path: '/api/inputs/:id/outputs/:oid/check', access: 'operate', endpoint: outputs.check },
    {
      method: 'DELETE',
      path: '/api/inputs/:id/outputs/:oid/callers/:cid',
      access: 'operate',
      endpoint: outputs.endCaller,
    },
    { method: 'GET', path: '/api/inputs/:id/outputs/:oid/logs', access: 'operate', endpoint: outputs.logs },
    ...createStreamTable(streams),
    ...createImageTable(images),
    // Of a stream that they see, strangers are told too; all else asks for `see` when it is asked for.
    { method: 'GET', path: '/api/events', access: 'public', endpoint: events.stream },
    { method: 'GET', path: '/events', access: 'public', endpoint: events.page },
  ]
  if (faults) routes.push({ method: 'POST', path: '/api/system/faults', access: 'manage', endpoint: system.faults })

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
  routes.push({ method: 'GET', path: '/api/openapi.json', access: 'see', endpoint: openapi })
  return routes
}
