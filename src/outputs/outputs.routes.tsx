/** @jsxImportSource hono/jsx */
import { z } from 'zod'
import { type Endpoint, endpoint, type HttpContext } from '../http/endpoint.ts'
import { isHtmx, reply, wantsHtml } from '../http/reply.tsx'
import { viewerOf as toViewer } from '../http/viewer.ts'
import { OUTPUT_EXAMPLE } from './outputs.examples.ts'
import { OUTPUT_FORM } from './outputs.form.ts'
import { OutputForm } from './outputs.form.views.tsx'
import { OutputLine } from './outputs.line.views.tsx'
import { createOutputLookRoutes, type OutputRoutesDeps, refusedNew } from './outputs.look.routes.tsx'
import { checkCreateForm, refusedForm } from './outputs.refused.ts'
import {
  inputParams,
  type OutputResource,
  outputCreate,
  outputParams,
  outputPatch,
  outputResource,
} from './outputs.schema.ts'
import type { Outputs } from './outputs.service.ts'
import { OutputItem } from './outputs.views.tsx'

const tag = 'outputs'
const LINE_MINUTES = 2

/** What can be done with the outputs of an input, one endpoint each: JSON for programs, lines of the page for HTML. */
export function createOutputRoutes(deps: OutputRoutesDeps) {
  const { outputs, inputs, publicUrl } = deps
  const viewerOf = (c: HttpContext) => toViewer(c, publicUrl)

  async function historiesOf(inputId: number) {
    const history = await inputs.history(inputId, LINE_MINUTES)
    return (output: OutputResource) => history.outputs[String(output.id)] ?? []
  }

  async function lineOf(output: OutputResource) {
    const historyOf = await historiesOf(output.input_id)
    return <OutputLine output={output} history={historyOf(output)} />
  }

  async function itemsOf(inputId: number, all: readonly OutputResource[]) {
    const historyOf = await historiesOf(inputId)
    return (
      <>
        {all.map((output) => (
          <OutputItem output={output} history={historyOf(output)} />
        ))}
      </>
    )
  }

  const replyWithLine = async (c: HttpContext, output: OutputResource, status: number) =>
    reply(c, {
      json: output,
      status,
      redirect: `/inputs/${output.input_id}`,
      ...(wantsHtml(c) && { fragment: await lineOf(output) }),
    })

  /** A page puts nothing of it anywhere: the event stream alone tells of a new one, so that no older state comes last. */
  const replyWithNew = async (c: HttpContext, output: OutputResource, words: string) =>
    reply(c, {
      json: output,
      status: 201,
      location: `/api/inputs/${output.input_id}/outputs/${output.id}`,
      redirect: `/inputs/${output.input_id}`,
      toast: { text: words },
      ...(wantsHtml(c) && { fragment: await itemsOf(output.input_id, [output]) }),
    })

  const action = (summary: string, run: Outputs['start'], refusals?: Endpoint['refusals']) =>
    endpoint({
      summary,
      tag,
      params: outputParams,
      status: 202,
      response: outputResource,
      example: { response: OUTPUT_EXAMPLE },
      ...(refusals && { refusals }),
      handle: async ({ c, params, actor }) =>
        replyWithLine(c, await run(params.id, params.oid, actor.name, viewerOf(c)), 202),
    })

  const actionForAll = (summary: string, run: Outputs['startAll']) =>
    endpoint({
      summary,
      tag,
      params: inputParams,
      status: 202,
      response: z.array(outputResource),
      example: { response: [OUTPUT_EXAMPLE] },
      async handle({ c, params, actor }) {
        const all = await run(params.id, actor.name, viewerOf(c))
        const redirect = `/inputs/${params.id}`
        return reply(c, {
          json: all,
          status: 202,
          redirect,
          ...(wantsHtml(c) && { fragment: await itemsOf(params.id, all) }),
        })
      },
    })

  return {
    list: endpoint({
      summary: 'The outputs of an input.',
      tag,
      params: inputParams,
      response: z.array(outputResource),
      example: { response: [OUTPUT_EXAMPLE] },
      async handle({ c, params }) {
        const all = await outputs.list(params.id, viewerOf(c))
        return reply(c, { json: all, ...(wantsHtml(c) && { fragment: await itemsOf(params.id, all) }) })
      },
    }),
    create: endpoint({
      summary: 'Create an output. It starts at once unless enabled is false.',
      tag,
      params: inputParams,
      body: outputCreate,
      form: OUTPUT_FORM,
      status: 201,
      response: outputResource,
      example: {
        request: { name: 'Main platform', url: 'rtmp://live.example.org/app', stream_key: 'abcd-efgh-ijkl' },
        response: OUTPUT_EXAMPLE,
      },
      refusals: ['conflict'],
      invalidFragment: ({ c, params, errors, typed }) => refusedNew(deps, { c, inputId: params.id, errors, typed }),
      async handle({ c, params, body, actor }) {
        const typed = c.get('typed')
        if (typed) checkCreateForm(typed, body)
        const output = await outputs.create(params.id, body, actor.name, viewerOf(c))
        return replyWithNew(c, output, `${output.name} was added`)
      },
    }),
    get: endpoint({
      summary: 'One output.',
      tag,
      params: outputParams,
      response: outputResource,
      example: { response: OUTPUT_EXAMPLE },
      handle: async ({ c, params }) => replyWithLine(c, await outputs.get(params.id, params.oid, viewerOf(c)), 200),
    }),
    edit: endpoint({
      summary: 'Change fields of an output (JSON merge patch). Address, protocol or options restart it alone.',
      tag,
      params: outputParams,
      body: outputPatch,
      form: OUTPUT_FORM,
      response: outputResource,
      example: { request: { max_reconnect_delay: 60 }, response: OUTPUT_EXAMPLE },
      refusals: ['conflict'],
      async invalidFragment({ c, params, errors, typed }) {
        const output = await outputs.get(params.id, params.oid, viewerOf(c))
        return (
          <OutputForm
            input={{ id: params.id, name: await inputs.nameOf(params.id) }}
            output={output}
            defaults={outputs.defaults}
            {...refusedForm(typed, errors, output)}
            inSheet={isHtmx(c)}
          />
        )
      },
      handle: async ({ c, params, body, actor }) =>
        replyWithLine(c, await outputs.edit(params.id, params.oid, body, actor.name, viewerOf(c)), 200),
    }),
    remove: endpoint({
      summary: 'Delete an output. Answers when its child is gone.',
      tag,
      params: outputParams,
      status: 204,
      async handle({ c, params, actor }) {
        const { name } = await outputs.get(params.id, params.oid, viewerOf(c))
        await outputs.remove(params.id, params.oid, actor.name)
        return reply(c, {
          json: undefined,
          status: 204,
          redirect: `/inputs/${params.id}`,
          toast: { text: `${name} was deleted` },
          fragment: () => <></>,
        })
      },
    }),
    start: action('Start an output; one in error tries anew.', outputs.start, ['conflict']),
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
      example: { response: OUTPUT_EXAMPLE },
      refusals: ['conflict'],
      async handle({ c, params, actor }) {
        const output = await outputs.duplicate(params.id, params.oid, actor.name, viewerOf(c))
        return replyWithNew(c, output, `${output.name} was added, stopped`)
      },
    }),
    ...createOutputLookRoutes(deps),
  }
}
