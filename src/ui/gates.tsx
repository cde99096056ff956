/** @jsxImportSource hono/jsx */
import { OUTPUT_STATES, type OutputState } from './states.ts'

export type Gate = { name: string; state: OutputState }

/** One mark for each output of an input; its height and pattern say the state, and listeners get the words. */
export function Gates({ items }: { items: readonly Gate[] }) {
  return (
    <ul class="gates">
      {items.map(({ name, state }) => {
        const words = `${name}: ${OUTPUT_STATES[state].word.toLowerCase()}`
        return (
          <li data-state={state} title={words}>
            <span class="sr-only">{words}</span>
          </li>
        )
      })}
    </ul>
  )
}
