import { z } from 'zod'
import { endpoint, type HttpContext } from '../http/endpoint.ts'
import { reply } from '../http/reply.tsx'
import { requestHost } from '../http/request-host.ts'
import { logsResource } from '../live/wire.ts'
import {
  eventsPage,
  eventsQuery,
  historyQuery,
  historyResource,
  inputCreate,
  inputParams,
  inputPatch,
  inputResource,
  probeResource,
} from './inputs.schema.ts'
import type { Inputs } from './inputs.service.ts'

const tag = 'inputs'

/** What the API can do with inputs, one endpoint each. `publicUrl` is where people reach Weir, if it is known. */
export function createInputRoutes({ inputs, publicUrl }: { inputs: Inputs; publicUrl: string | null }) {
  const hostOf = (c: HttpContext) => requestHost(c, publicUrl)

  const action = (summary: string, run: Inputs['start']) =>
    endpoint({
      summary,
      tag,
      params: inputParams,
      status: 202,
      response: inputResource,
      handle: async ({ c, params, actor }) =>
        reply(c, { json: await run(params.id, actor.name, hostOf(c)), status: 202 }),
    })

  return {
    list: endpoint({
      summary: 'All inputs.',
      tag,
      response: z.array(inputResource),
      handle: async ({ c }) => reply(c, { json: await inputs.list(hostOf(c)) }),
    }),
    create: endpoint({
      summary: 'Create an input. It starts at once unless enabled is false.',
      tag,
      body: inputCreate,
      status: 201,
      response: inputResource,
      example: { request: { name: 'Main camera', kind: 'udp' } },
      async handle({ c, body, actor }) {
        const input = await inputs.create(body, actor.name, hostOf(c))
        return reply(c, { json: input, status: 201, location: `/api/inputs/${input.id}` })
      },
    }),
    get: endpoint({
      summary: 'One input.',
      tag,
      params: inputParams,
      response: inputResource,
      handle: async ({ c, params }) => reply(c, { json: await inputs.get(params.id, hostOf(c)) }),
    }),
    edit: endpoint({
      summary: 'Change fields of an input (JSON merge patch).',
      tag,
      params: inputParams,
      body: inputPatch,
      response: inputResource,
      example: { request: { name: 'Camera 1', allow_from: ['10.0.0.0/8'] } },
      handle: async ({ c, params, body, actor }) =>
        reply(c, { json: await inputs.edit(params.id, body, actor.name, hostOf(c)) }),
    }),
    remove: endpoint({
      summary: 'Delete an input and its outputs. Answers when children and socket are gone.',
      tag,
      params: inputParams,
      status: 204,
      async handle({ c, params }) {
        await inputs.remove(params.id)
        return reply(c, { json: undefined, status: 204 })
      },
    }),
    start: action('Start an input.', inputs.start),
    stop: action('Stop an input. Its outputs stay enabled and wait.', inputs.stop),
    restart: action('Take the source of an input up anew.', inputs.restart),
    probe: endpoint({
      summary: 'What the feed carries: programs and tracks.',
      tag,
      params: inputParams,
      response: probeResource,
      handle: async ({ c, params }) => reply(c, { json: await inputs.probe(params.id) }),
    }),
    logs: endpoint({
      summary: 'Log of an input, newest last.',
      tag,
      params: inputParams,
      response: logsResource,
      handle: async ({ c, params }) => reply(c, { json: await inputs.logs(params.id) }),
    }),
    history: endpoint({
      summary: 'Bitrates of the last minutes, one value a second, of an input and its outputs.',
      tag,
      params: inputParams,
      query: historyQuery,
      response: historyResource,
      handle: async ({ c, params, query }) => reply(c, { json: await inputs.history(params.id, query.minutes ?? 10) }),
    }),
    events: endpoint({
      summary: 'What happened to an input and its outputs, newest first; the last 5,000.',
      tag,
      params: inputParams,
      query: eventsQuery,
      response: eventsPage,
      async handle({ c, params, query }) {
        const { from, limit = 50, type, cursor } = query
        const page = await inputs.events(params.id, {
          limit,
          ...(from === undefined ? {} : { fromMs: Date.parse(from) }),
          ...(type === undefined ? {} : { type }),
          ...(cursor === undefined ? {} : { cursor }),
        })
        return reply(c, { json: page })
      },
    }),
  }
}
