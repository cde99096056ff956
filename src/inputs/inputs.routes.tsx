/** @jsxImportSource hono/jsx */
import { z } from 'zod'
import type { ErrorKind } from '../errors.ts'
import { endpoint, type HttpContext } from '../http/endpoint.ts'
import { isHtmx, reply, wantsHtml } from '../http/reply.tsx'
import { viewerOf as toViewer } from '../http/viewer.ts'
import { logsResource } from '../live/wire.ts'
import { EVENTS_EXAMPLE, HISTORY_EXAMPLE, INPUT_EXAMPLE, LOGS_EXAMPLE, PROBE_EXAMPLE } from './inputs.examples.ts'
import { toInputForm } from './inputs.form.ts'
import { OnAir } from './inputs.air.views.tsx'
import { InputForm } from './inputs.form.views.tsx'
import { createInputFragments, type OutputsOfInputs } from './inputs.fragments.tsx'
import { eventsPage, eventsQuery, historyQuery, historyResource } from './inputs.history.schema.ts'
import { InputEventItems, InputEvents, InputLog } from './inputs.history.views.tsx'
import { createLiveStill } from './inputs.live-still.ts'
import { createSlateRoutes } from './inputs.slate.routes.tsx'
import { InputHead, InputRate } from './inputs.page.views.tsx'
import { InputProbe } from './inputs.probe.views.tsx'
import { refusedInput } from './inputs.refused.ts'
import { inputCreate, inputParams, inputPatch, inputResource, probeResource, switchBody } from './inputs.schema.ts'
import type { Inputs } from './inputs.service.ts'

const tag = 'inputs'

export type InputRoutesDeps = {
  inputs: Inputs
  outputs: OutputsOfInputs
  /** Where people reach Weir, if it is known. */
  publicUrl: string | null
}

/** What can be done with inputs, one endpoint each: JSON for programs, the fragment of a page for those who ask for HTML. */
export function createInputRoutes({ inputs, outputs, publicUrl }: InputRoutesDeps) {
  // Whoever may operate is shown the keys of publishers, and nobody else.
  const viewerOf = (c: HttpContext) => toViewer(c, publicUrl)
  // HTMX sends the forms of sheets; a form on a page of its own is a plain one: hence `inSheet={isHtmx(c)}`.
  const fragments = createInputFragments({ inputs, outputs })

  const action = (summary: string, run: Inputs['start'], refusals: readonly ErrorKind[] = []) =>
    endpoint({
      summary,
      refusals,
      tag,
      params: inputParams,
      status: 202,
      response: inputResource,
      example: { response: INPUT_EXAMPLE },
      async handle({ c, params, actor }) {
        const input = await run(params.id, actor.name, viewerOf(c))
        const redirect = `/inputs/${input.id}`
        return reply(c, { json: input, status: 202, redirect, fragment: () => <InputHead input={input} /> })
      },
    })

  return {
    list: endpoint({
      summary: 'All inputs.',
      tag,
      response: z.array(inputResource),
      example: { response: [INPUT_EXAMPLE] },
      async handle({ c }) {
        const all = await inputs.list(viewerOf(c))
        return reply(c, { json: all, ...(wantsHtml(c) && { fragment: await fragments.cards(all) }) })
      },
    }),
    create: endpoint({
      summary: 'Create an input. It starts at once unless enabled is false.',
      tag,
      body: inputCreate,
      form: toInputForm,
      status: 201,
      response: inputResource,
      example: { request: { name: 'Main camera', kind: 'udp' }, response: INPUT_EXAMPLE },
      refusals: ['conflict'],
      invalidFragment: async ({ c, errors, typed }) => {
        const others = await inputs.list(viewerOf(c))
        return <InputForm input={null} {...refusedInput(typed, errors, null)} others={others} inSheet={isHtmx(c)} />
      },
      async handle({ c, body, actor }) {
        const input = await inputs.create(body, actor.name, viewerOf(c))
        const location = `/api/inputs/${input.id}`
        // Its own page says where to send the feed: that is what comes next.
        return reply(c, { json: input, status: 201, location, redirect: `/inputs/${input.id}`, leave: true })
      },
    }),
    get: endpoint({
      summary: 'One input.',
      tag,
      params: inputParams,
      response: inputResource,
      example: { response: INPUT_EXAMPLE },
      async handle({ c, params }) {
        const input = await inputs.get(params.id, viewerOf(c))
        return reply(c, { json: input, ...(wantsHtml(c) && { fragment: await fragments.card(input) }) })
      },
    }),
    edit: endpoint({
      summary: 'Change fields of an input (JSON merge patch).',
      tag,
      params: inputParams,
      body: inputPatch,
      form: toInputForm,
      response: inputResource,
      example: { request: { name: 'Main camera', allow_from: ['192.0.2.0/24'] }, response: INPUT_EXAMPLE },
      refusals: ['conflict'],
      invalidFragment: async ({ c, params, errors, typed }) => {
        const others = await inputs.list(viewerOf(c))
        const input = await inputs.get(params.id, viewerOf(c))
        return <InputForm input={input} {...refusedInput(typed, errors, input)} others={others} inSheet={isHtmx(c)} />
      },
      async handle({ c, params, body, actor }) {
        const input = await inputs.edit(params.id, body, actor.name, viewerOf(c))
        return reply(c, {
          json: input,
          redirect: `/inputs/${input.id}`,
          fragment: () => <InputHead input={input} />,
          toast: { text: `${input.name} is saved` },
        })
      },
    }),
    remove: endpoint({
      summary: 'Delete an input with its outputs. Answers when child and socket are gone.',
      tag,
      params: inputParams,
      status: 204,
      async handle({ c, params }) {
        await inputs.remove(params.id)
        return reply(c, { json: undefined, status: 204, redirect: '/', leave: true })
      },
    }),
    start: action('Start an input.', inputs.start),
    stop: action('Stop an input. Its outputs stay enabled and wait.', inputs.stop),
    restart: action('Take the source of an input up anew.', inputs.restart),
    renewKey: action('A new publish key. Who publishes with the old one is put out.', inputs.renewKey, ['conflict']),
    switch: endpoint({
      summary: 'Put something else on air. A choice stands until `auto`, or until what was chosen is lost.',
      tag,
      params: inputParams,
      body: switchBody,
      status: 202,
      response: inputResource,
      example: { request: { to: 'slate' }, response: { ...INPUT_EXAMPLE, on_air: 'slate', on_air_reason: 'manual' } },
      refusals: ['conflict', 'unavailable'],
      async handle({ c, params, body, actor }) {
        const input = await inputs.switch(params.id, body, actor.name, viewerOf(c))
        const redirect = `/inputs/${input.id}`
        return reply(c, { json: input, status: 202, redirect, fragment: () => <OnAir input={input} /> })
      },
    }),
    ...createSlateRoutes({ inputs, viewerOf }),
    probe: endpoint({
      summary: 'What the feed carries: programs and tracks.',
      tag,
      params: inputParams,
      response: probeResource,
      example: { response: PROBE_EXAMPLE },
      refusals: ['unavailable'],
      async handle({ c, params }) {
        const probe = await inputs.probe(params.id)
        return reply(c, { json: probe, fragment: () => <InputProbe inputId={params.id} probe={probe} /> })
      },
    }),
    logs: endpoint({
      summary: 'Log of an input, newest last.',
      tag,
      params: inputParams,
      response: logsResource,
      example: { response: LOGS_EXAMPLE },
      refusals: ['unavailable'],
      async handle({ c, params }) {
        const logs = await inputs.logs(params.id)
        if (!wantsHtml(c)) return reply(c, { json: logs })
        const input = await inputs.get(params.id, viewerOf(c))
        return reply(c, { json: logs, fragment: <InputLog input={input} lines={logs.lines} /> })
      },
    }),
    still: createLiveStill({ inputs }),
    history: endpoint({
      summary: 'Bitrates of the last minutes, one value a second, of an input and its outputs.',
      tag,
      params: inputParams,
      query: historyQuery,
      response: historyResource,
      example: { response: HISTORY_EXAMPLE },
      async handle({ c, params, query }) {
        const history = await inputs.history(params.id, query.minutes ?? 10)
        if (!wantsHtml(c)) return reply(c, { json: history })
        const input = await inputs.get(params.id, viewerOf(c))
        return reply(c, { json: history, fragment: <InputRate input={input} history={history.bitrate_kbps} /> })
      },
    }),
    events: endpoint({
      summary: 'What happened to an input and its outputs, newest first; the last 5,000.',
      tag,
      params: inputParams,
      query: eventsQuery,
      response: eventsPage,
      example: { response: EVENTS_EXAMPLE },
      async handle({ c, params, query }) {
        const { from, limit = 50, type, show, cursor, total = false } = query
        const isHtml = wantsHtml(c)
        const page = await inputs.events(params.id, {
          limit,
          withTotal: total || isHtml,
          inWords: isHtml,
          ...(from === undefined ? {} : { fromMs: Date.parse(from) }),
          ...(type === undefined ? {} : { type }),
          ...(show === undefined ? {} : { kind: show }),
          ...(cursor === undefined ? {} : { cursor }),
        })
        if (!isHtml) return reply(c, { json: page })
        const props = { inputId: params.id, page, outputNames: await fragments.outputNames(params.id), show }
        // A further page is added to the list that is there.
        const fragment = cursor === undefined ? <InputEvents {...props} /> : <InputEventItems {...props} />
        return reply(c, { json: page, fragment })
      },
    }),
  }
}
