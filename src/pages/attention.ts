import type { InputResource } from '../inputs/inputs.schema.ts'
import type { OutputResource } from '../outputs/outputs.schema.ts'
import type { StatusView } from '../system/system.schema.ts'

/** One thing that waits for the operator, and the act that mends it: a page to go to, or a call to make. */
export type AttentionItem = {
  tone: 'bad' | 'warn'
  /** Where it is: "Main stage, Twitch". */
  who: string
  why: string
  act: { words: string; href: string } | { words: string; post: string }
}

export type Attention = { tone: 'bad' | 'warn'; title: string; items: AttentionItem[]; more: number }

const MAX_ITEMS = 6
/** What an address that is right would mend. */
const ADDRESS_CLASSES = new Set(['dns', 'refused', 'unreachable', 'tls'])

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
  const title = items.length === 1 ? '1 thing needs you' : `${items.length} things need you`
  return {
    tone: bad.length > 0 ? 'bad' : 'warn',
    title,
    items: items.slice(0, MAX_ITEMS),
    more: Math.max(0, items.length - MAX_ITEMS),
  }
}

function ofWorker(worker: StatusView['workers'][number]): AttentionItem[] {
  if (worker.state !== 'failed') return []
  const why = 'It died again and again, and its inputs stand still. Restart Weir and look into its log.'
  return [{ tone: 'bad', who: `Media worker ${worker.index}`, why, act: { words: 'See the system', href: '/system' } }]
}

function ofInput(input: InputResource): AttentionItem[] {
  const href = `/inputs/${input.id}`
  if (input.status === 'error' || input.status === 'reconnecting') {
    const why = input.status_reason ?? input.last_error ?? 'It does not run.'
    const tone = input.status === 'error' ? 'bad' : 'warn'
    return [{ tone, who: input.name, why, act: { words: 'Try now', post: `/api${href}/restart` } }]
  }
  const [warning] = input.warnings
  if (!warning) return []
  return [{ tone: 'warn', who: input.name, why: warning.message, act: { words: 'Look at the input', href } }]
}

function ofOutput(output: OutputResource, inputName: string): AttentionItem[] {
  const who = `${inputName}, ${output.name}`
  if (output.status !== 'error' && output.status !== 'reconnecting') return []
  const why = output.status_reason ?? output.last_error ?? 'It does not run.'
  return [{ tone: output.status === 'error' ? 'bad' : 'warn', who, why, act: toAct(output) }]
}

/** A wrong key or address is mended in the form; for the rest another try may do. */
function toAct(output: OutputResource): AttentionItem['act'] {
  const base = `/inputs/${output.input_id}/outputs/${output.id}`
  const cause = output.last_exit?.class
  if (cause === 'rejected') return { words: 'Change key', href: `${base}/edit` }
  if (cause !== undefined && ADDRESS_CLASSES.has(cause)) return { words: 'Edit address', href: `${base}/edit` }
  return { words: 'Try now', post: `/api${base}/restart` }
}
