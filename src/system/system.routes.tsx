/** @jsxImportSource hono/jsx */
import { z } from 'zod'
import { endpoint, type HttpContext } from '../http/endpoint.ts'
import { reply } from '../http/reply.tsx'
import { LOGS_EXAMPLE, STATUS_EXAMPLE } from './system.examples.ts'
import {
  faultsBody,
  healthView,
  liveView,
  logsQuery,
  logsView,
  mediamtxView,
  settingsView,
  statusView,
} from './system.schema.ts'
import { SystemLog } from './system.log.views.tsx'
import type { System } from './system.service.ts'
import { SettingsTable } from './system.settings.views.tsx'
import { HealthTable, Workers } from './system.views.tsx'

/** Endpoints of the server's own affairs. */
export function createSystemRoutes(system: System) {
  const tag = 'system'
  return {
    health: endpoint({
      summary: 'Health; its reasons only for whoever shows the key. 503 for `error`.',
      tag,
      response: healthView,
      example: { response: { status: 'ok' } },
      async handle({ c, actor }) {
        const json = await system.health({ withChecks: actor.kind !== 'anonymous' })
        const fragment = () => <HealthTable health={json} status={system.status()} />
        // Strangers learn one word, in HTML too.
        return reply(c, { json, status: json.status === 'error' ? 503 : 200, ...(json.checks && { fragment }) })
      },
    }),
    live: endpoint({
      summary: 'Liveness: the program answers.',
      tag,
      response: liveView,
      example: { response: { status: 'ok' } },
      handle: ({ c }) => reply(c, { json: { status: 'ok' } }),
    }),
    ready: endpoint({
      summary: 'Readiness: everything enabled has been handed to its workers. 503 while starting or stopping.',
      tag,
      response: liveView,
      example: { response: { status: 'ok' } },
      handle: ({ c }) => readiness(c, system.isReady()),
    }),
    status: endpoint({
      summary: 'The machine, this process, its workers, inputs and outputs by status.',
      tag,
      response: statusView,
      example: { response: STATUS_EXAMPLE },
      handle({ c }) {
        const json = system.status()
        return reply(c, { json, fragment: () => <Workers status={json} /> })
      },
    }),
    mediamtx: endpoint({
      summary: 'The state of MediaMTX; this version runs without it.',
      tag,
      response: mediamtxView,
      example: { response: { mode: 'off', version: null, reachable: false } },
      handle: ({ c }) => reply(c, { json: { mode: 'off', version: null, reachable: false } }),
    }),
    settings: endpoint({
      summary: 'Every setting, its value and where that comes from; secrets are masked.',
      tag,
      response: settingsView,
      example: { response: [{ name: 'PORT', value: '8080', source: 'default' }] },
      handle({ c }) {
        const json = system.settings()
        return reply(c, { json, fragment: () => <SettingsTable settings={json} /> })
      },
    }),
    logs: endpoint({
      summary: "The server's own last log entries, newest first.",
      tag,
      query: logsQuery,
      response: logsView,
      example: { response: LOGS_EXAMPLE },
      handle({ c, query }) {
        const json = system.logPage(query)
        return reply(c, { json, fragment: () => <SystemLog page={json} query={query} /> })
      },
    }),
    /** Mounted only with FAULTS=1. */
    faults: endpoint({
      summary: 'Breaks something on purpose, for tests.',
      tag,
      body: faultsBody,
      response: z.object({}),
      status: 202,
      refusals: ['not_found'],
      example: { request: { kill: 'media:1' }, response: {} },
      async handle({ c, body }) {
        const fault: { kill?: string; blockLoopMs?: number } = {}
        if (body.kill !== undefined) fault.kill = body.kill
        if (body.block_loop_ms !== undefined) fault.blockLoopMs = body.block_loop_ms
        await system.fault(fault)
        return reply(c, { json: {}, status: 202 })
      },
    }),
  }
}

function readiness(c: HttpContext, ready: boolean): Response {
  return ready ? reply(c, { json: { status: 'ok' } }) : reply(c, { json: { status: 'error' }, status: 503 })
}
