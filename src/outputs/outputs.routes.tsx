import { z } from 'zod'
import { endpoint } from '../http/endpoint.ts'
import { reply } from '../http/reply.tsx'
import { logsResource } from '../live/wire.ts'
import { inputParams, outputCreate, outputParams, outputPatch, outputResource } from './outputs.schema.ts'
import type { Outputs } from './outputs.service.ts'

const tag = 'outputs'

/** What the API can do with the outputs of an input, one endpoint each. */
export function createOutputRoutes({ outputs }: { outputs: Outputs }) {
  const action = (summary: string, run: Outputs['start']) =>
    endpoint({
      summary,
      tag,
      params: outputParams,
      status: 202,
      response: outputResource,
      handle: async ({ c, params, actor }) =>
        reply(c, { json: await run(params.id, params.oid, actor.name), status: 202 }),
    })

  const actionForAll = (summary: string, run: Outputs['startAll']) =>
    endpoint({
      summary,
      tag,
      params: inputParams,
      status: 202,
      response: z.array(outputResource),
      handle: async ({ c, params, actor }) => reply(c, { json: await run(params.id, actor.name), status: 202 }),
    })

  return {
    list: endpoint({
      summary: 'The outputs of an input.',
      tag,
      params: inputParams,
      response: z.array(outputResource),
      handle: async ({ c, params }) => reply(c, { json: await outputs.list(params.id) }),
    }),
    create: endpoint({
      summary: 'Create an output. It starts at once unless enabled is false.',
      tag,
      params: inputParams,
      body: outputCreate,
      status: 201,
      response: outputResource,
      example: { request: { name: 'YouTube', url: 'rtmp://a.rtmp.youtube.com/live2', stream_key: 'abcd-efgh-ijkl' } },
      async handle({ c, params, body, actor }) {
        const output = await outputs.create(params.id, body, actor.name)
        return reply(c, { json: output, status: 201, location: `/api/inputs/${params.id}/outputs/${output.id}` })
      },
    }),
    get: endpoint({
      summary: 'One output.',
      tag,
      params: outputParams,
      response: outputResource,
      handle: async ({ c, params }) => reply(c, { json: await outputs.get(params.id, params.oid) }),
    }),
    edit: endpoint({
      summary: 'Change fields of an output (JSON merge patch). Address, protocol or options restart it alone.',
      tag,
      params: outputParams,
      body: outputPatch,
      response: outputResource,
      example: { request: { options: { latency_ms: 400 } } },
      handle: async ({ c, params, body, actor }) =>
        reply(c, { json: await outputs.edit(params.id, params.oid, body, actor.name) }),
    }),
    remove: endpoint({
      summary: 'Delete an output. Answers when its child is gone.',
      tag,
      params: outputParams,
      status: 204,
      async handle({ c, params, actor }) {
        await outputs.remove(params.id, params.oid, actor.name)
        return reply(c, { json: undefined, status: 204 })
      },
    }),
    start: action('Start an output; one in error tries anew.', outputs.start),
    stop: action('Stop an output.', outputs.stop),
    restart: action('Restart an output with a new child.', outputs.restart),
    startAll: actionForAll('Start every output of an input.', outputs.startAll),
    stopAll: actionForAll('Stop every output of an input.', outputs.stopAll),
    duplicate: endpoint({
      summary: 'A stopped copy of an output, with its secrets.',
      tag,
      params: outputParams,
      status: 201,
      response: outputResource,
      async handle({ c, params, actor }) {
        const output = await outputs.duplicate(params.id, params.oid, actor.name)
        return reply(c, { json: output, status: 201, location: `/api/inputs/${params.id}/outputs/${output.id}` })
      },
    }),
    logs: endpoint({
      summary: 'Log of an output and its last exits, newest last.',
      tag,
      params: outputParams,
      response: logsResource,
      handle: async ({ c, params }) => reply(c, { json: await outputs.logs(params.id, params.oid) }),
    }),
  }
}
