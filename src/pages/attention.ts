import type { InputResource } from '../inputs/inputs.schema.ts'
import type { OutputResource } from '../outputs/outputs.schema.ts'
import { editPath, REMEDY_WORDS, remedyOf } from '../outputs/outputs.words.ts'
import type { StatusView } from '../system/system.schema.ts'

/** What mends it: a page to go to (a form opens in place), or a call to make. */
type Act = { words: string; href: string; isForm: boolean } | { words: string; post: string }

/** One thing that waits for the operator. */
export type AttentionItem = {
  of: 'worker' | 'input' | 'output'
  tone: 'bad' | 'warn'
  /** Where it is: "Main stage, Twitch". */
  who: string
  why: string
  act: Act
}

export type Attention = { tone: 'bad' | 'warn'; title: string; items: AttentionItem[]; more: number }

const MAX_ITEMS = 6

/** What needs the operator now, the failed before the troubled; null where all is well. */
export function toAttention(o: {
  inputs: readonly InputResource[]
  outputs: readonly OutputResource[]
  workers: StatusView['workers']
}): Attention | null {
  const names = new Map(o.inputs.map((input) => [input.id, input.name]))
  const all = [
    ...o.workers.flatMap(ofWorker),
    ...o.inputs.flatMap(ofInput),
    ...o.outputs.flatMap((output) => ofOutput(output, names.get(output.input_id) ?? '')),
  ]
  const bad = all.filter((item) => item.tone === 'bad')
  const items = [...bad, ...all.filter((item) => item.tone === 'warn')]
  if (items.length === 0) return null
  return {
    tone: bad.length > 0 ? 'bad' : 'warn',
    title: toTitle(items),
    items: items.slice(0, MAX_ITEMS),
    more: Math.max(0, items.length - MAX_ITEMS),
  }
}

/** `2 outputs need you`; where they are of several kinds, things. */
function toTitle(items: readonly AttentionItem[]): string {
  const kinds = new Set(items.map((item) => item.of))
  const noun = kinds.size === 1 ? (items[0]?.of ?? 'thing') : 'thing'
  return items.length === 1 ? `1 ${noun} needs you` : `${items.length} ${noun}s need you`
}

function ofWorker(worker: StatusView['workers'][number]): AttentionItem[] {
  if (worker.state !== 'failed') return []
  const why = 'It died again and again, and its inputs stand still. Restart Weir and look into its log.'
  const act = { words: 'See the system', href: '/system', isForm: false }
  return [{ of: 'worker', tone: 'bad', who: `Media worker ${worker.index}`, why, act }]
}

function ofInput(input: InputResource): AttentionItem[] {
  const href = `/inputs/${input.id}`
  if (input.status === 'error' || input.status === 'reconnecting') {
    const why = input.status_reason ?? input.last_error ?? 'It does not run.'
    const tone = input.status === 'error' ? 'bad' : 'warn'
    return [{ of: 'input', tone, who: input.name, why, act: { words: 'Try now', post: `/api${href}/restart` } }]
  }
  const [warning] = input.warnings
  if (!warning) return []
  const act = { words: 'Look at the input', href, isForm: false }
  return [{ of: 'input', tone: 'warn', who: input.name, why: warning.message, act }]
}

function ofOutput(output: OutputResource, inputName: string): AttentionItem[] {
  const who = `${inputName}, ${output.name}`
  // A try that has only just begun does not take the line away for the second that it lasts.
  const isTrying = output.status === 'starting' && output.attempt > 0
  if (output.status !== 'error' && output.status !== 'reconnecting' && !isTrying) return []
  const why = (isTrying ? output.last_error : output.status_reason) ?? output.last_error ?? 'It does not run.'
  return [{ of: 'output', tone: output.status === 'error' ? 'bad' : 'warn', who, why, act: toAct(output) }]
}

/** A wrong key or address is mended in the form; for the rest another try may do. */
function toAct(output: OutputResource): Act {
  const remedy = remedyOf(output)
  if (remedy) return { words: REMEDY_WORDS[remedy], href: editPath(output, remedy), isForm: true }
  return { words: 'Try now', post: `/api/inputs/${output.input_id}/outputs/${output.id}/restart` }
}
