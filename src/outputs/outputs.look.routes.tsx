/** @jsxImportSource hono/jsx */
import type { FieldError } from '../errors.ts'
import { endpoint, type HttpContext } from '../http/endpoint.ts'
import type { Typed } from '../http/form.ts'
import { isHtmx, reply, wantsHtml } from '../http/reply.tsx'
import { viewerOf } from '../http/viewer.ts'
import { logsResource } from '../live/wire.ts'
import type { Series } from '../ui/series.ts'
import { checkResource } from './outputs.check.ts'
import { OutputCheck } from './outputs.check.views.tsx'
import { CHECK_EXAMPLE, LOGS_EXAMPLE } from './outputs.examples.ts'
import { OUTPUT_FORM } from './outputs.form.ts'
import { OutputForm } from './outputs.form.views.tsx'
import { OutputLog } from './outputs.log.views.tsx'
import { checkCreateForm, refusedCreate } from './outputs.refused.ts'
import { callerParams, inputParams, outputCreate, outputParams } from './outputs.schema.ts'
import type { Outputs } from './outputs.service.ts'

const tag = 'outputs'

export type OutputRoutesDeps = {
  outputs: Outputs
  /** What outputs need of inputs to show themselves. */
  inputs: {
    nameOf(inputId: number): Promise<string>
    history(inputId: number, minutes: number): Promise<{ outputs: Readonly<Record<string, Series>> }>
  }
  /** Where people reach Weir, if it is known. */
  publicUrl: string | null
}

/** The form of a new output again, with what was typed and what is wrong with it. */
export async function refusedNew(
  { inputs, outputs }: OutputRoutesDeps,
  o: { c: HttpContext; inputId: number; errors: FieldError[]; typed: Typed },
) {
  const takenNames = (await outputs.states(o.inputId)).map(({ name }) => name)
  return (
    <OutputForm
      input={{ id: o.inputId, name: await inputs.nameOf(o.inputId) }}
      output={null}
      defaults={outputs.defaults}
      {...refusedCreate(o.typed, o.errors, takenNames)}
      inSheet={isHtmx(o.c)}
    />
  )
}

/** What looks closer at an output and at who has called it. */
export function createOutputLookRoutes(deps: OutputRoutesDeps) {
  const { outputs, publicUrl } = deps
  return {
    check: endpoint({
      summary: 'Look at the destination of an output without sending anything: name, connection, codecs, bitrate.',
      tag,
      params: outputParams,
      response: checkResource,
      example: { response: CHECK_EXAMPLE },
      refusals: ['conflict', 'unavailable'],
      async handle({ c, params }) {
        const check = await outputs.check(params.id, params.oid)
        return reply(c, {
          json: check,
          fragment: () => <OutputCheck id={`output-${params.oid}-check`} check={check} />,
        })
      },
    }),
    checkNew: endpoint({
      summary: 'The same look for an output that is not created yet.',
      tag,
      params: inputParams,
      body: outputCreate,
      form: OUTPUT_FORM,
      response: checkResource,
      example: {
        request: { name: 'Main platform', url: 'rtmp://live.example.org/app', stream_key: 'abcd-efgh-ijkl' },
        response: CHECK_EXAMPLE,
      },
      refusals: ['unavailable'],
      invalidFragment: ({ c, params, errors, typed }) => refusedNew(deps, { c, inputId: params.id, errors, typed }),
      async handle({ c, params, body }) {
        const typed = c.get('typed')
        if (typed) checkCreateForm(typed, body)
        const check = await outputs.checkNew(params.id, body)
        return reply(c, { json: check, fragment: () => <OutputCheck id="output-form-check" check={check} hasFocus /> })
      },
    }),
    endCaller: endpoint({
      summary: 'Disconnect one caller of an SRT listener. Its address is turned away for 60 s.',
      tag,
      params: callerParams,
      status: 204,
      refusals: ['unavailable'],
      async handle({ c, params, actor }) {
        await outputs.kick(params.id, params.oid, params.cid, actor.name)
        return reply(c, { json: undefined, status: 204, redirect: `/inputs/${params.id}`, fragment: () => <></> })
      },
    }),
    logs: endpoint({
      summary: 'Log of an output and its last exits, newest last.',
      tag,
      params: outputParams,
      response: logsResource,
      example: { response: LOGS_EXAMPLE },
      refusals: ['unavailable'],
      async handle({ c, params }) {
        const logs = await outputs.logs(params.id, params.oid)
        if (!wantsHtml(c)) return reply(c, { json: logs })
        const output = await outputs.get(params.id, params.oid, viewerOf(c, publicUrl))
        return reply(c, { json: logs, fragment: <OutputLog output={output} logs={logs} /> })
      },
    }),
  }
}
