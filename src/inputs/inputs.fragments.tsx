/** @jsxImportSource hono/jsx */
import { InputCard } from './inputs.views.tsx'
import type { InputResource } from './inputs.schema.ts'
import type { Inputs } from './inputs.service.ts'
import type { InputCardProps } from './inputs.views.tsx'

/** What inputs need of their outputs to show them: names and states. */
export type OutputsOfInputs = {
  states(inputId: number): Promise<({ id: number } & InputCardProps['outputs'][number])[]>
}

const CARD_MINUTES = 10

/** Fragments that take more than the input itself. */
export function createInputFragments({ inputs, outputs }: { inputs: Inputs; outputs: OutputsOfInputs }) {
  async function card(input: InputResource) {
    const [list, history] = await Promise.all([outputs.states(input.id), inputs.history(input.id, CARD_MINUTES)])
    return (
      <InputCard input={input} outputs={list} history={history.bitrate_kbps} stillAtMs={inputs.stillAt(input.id)} />
    )
  }

  return {
    card,
    async cards(all: readonly InputResource[]) {
      return <>{await Promise.all(all.map(card))}</>
    },
    async outputNames(inputId: number): Promise<Map<number, string>> {
      return new Map((await outputs.states(inputId)).map((output) => [output.id, output.name]))
    },
  }
}
