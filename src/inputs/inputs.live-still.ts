import { endpoint } from '../http/endpoint.ts'
import { answerStill, stillQuery } from '../http/still.ts'
import { inputParams } from './inputs.schema.ts'
import type { Inputs } from './inputs.service.ts'

/** GET live.jpg: the newest picture of an input. */
export function createLiveStill({ inputs }: { inputs: Pick<Inputs, 'still'> }) {
  return endpoint({
    summary: 'The newest picture of an input, as JPEG.',
    tag: 'inputs',
    params: inputParams,
    query: stillQuery,
    mediaType: 'image/jpeg',
    refusals: ['unavailable'],
    handle: async ({ c, params, query }) => answerStill(c, await inputs.still(params.id, query.width)),
  })
}
