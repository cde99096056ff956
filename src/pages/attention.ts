import { isFilled, viewersSee } from '../inputs/inputs.air.words.ts'
import type { InputResource } from '../inputs/inputs.schema.ts'
import type { OutputResource } from '../outputs/outputs.schema.ts'
import { remedyOf } from '../outputs/outputs.words.ts'
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
/** What an output may do by itself before it calls a person. */
const PATIENCE_FAILURES = 3
const PATIENCE_MS = 20_000
/** Running for so long it is taken for well again, though the next failure still counts on. */
const STEADY_MS = 10_000
/** A feed may be away for so long before it is called lost. */
const LOST_MS = 5_000

/** What needs the operator now, the failed before the troubled; null where all is well. */
export function toAttention(o: {
  inputs: readonly InputResource[]
  outputs: readonly OutputResource[]
  workers: StatusView['workers']
  nowMs?: number
}): Attention | null {
  const nowMs = o.nowMs ?? Date.now()
  const names = new Map(o.inputs.map((input) => [input.id, input.name]))
  const all = [
    ...o.workers.flatMap(ofWorker),
    ...o.inputs.flatMap((input) => ofInput(input, nowMs)),
    ...o.outputs.flatMap((output) => ofOutput(output, names.get(output.input_id) ?? '', nowMs)),
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

function ofInput(input: InputResource, nowMs: number): AttentionItem[] {
  const href = `/inputs/${input.id}`
  if (input.status === 'error' || input.status === 'reconnecting') {
    const why = input.status_reason ?? input.last_error ?? 'It does not run.'
    const tone = input.status === 'error' ? 'bad' : 'warn'
    return [{ of: 'input', tone, who: input.name, why, act: { words: 'Try now', post: `/api${href}/restart` } }]
  }
  if (isLost(input, nowMs)) {
    const cause = input.status_reason ?? 'The feed does not arrive any more.'
    const why = isFilled(input) ? `${cause} ${viewersSee(input.on_air)}.` : cause
    const act = { words: 'Where to send', href: `${href}#input-${input.id}-send`, isForm: false }
    return [{ of: 'input', tone: input.on_air === 'backup' ? 'warn' : 'bad', who: input.name, why, act }]
  }
  if (input.status === 'active' && isFilled(input) && input.on_air_reason === 'lost' && input.return === 'manual') {
    const why = `The feed is there again. ${viewersSee(input.on_air)} until somebody presses Main.`
    const act = { words: 'Go there', href: `${href}#input-${input.id}-air`, isForm: false }
    return [{ of: 'input', tone: 'warn', who: input.name, why, act }]
  }
  const [warning] = input.warnings
  if (!warning) return []
  const act = { words: 'Look at the input', href, isForm: false }
  return [{ of: 'input', tone: 'warn', who: input.name, why: warning.message, act }]
}

/** It was there and stays away; one that never came, or whose publisher said goodbye, is only waited for. */
function isLost({ enabled, status, since, on_air_reason, stats }: InputResource, nowMs: number): boolean {
  const wasThere = on_air_reason === 'lost' || stats.last_packet_at !== null
  const isOver = on_air_reason === 'ended'
  return enabled && status === 'inactive' && wasThere && !isOver && nowMs - Date.parse(since) > LOST_MS
}

function ofOutput(output: OutputResource, inputName: string, nowMs: number): AttentionItem[] {
  const isError = output.status === 'error'
  if (!isError && !isStruggling(output, nowMs)) return []
  // Of one that tries, words and act follow the last failure: its state changes with each try.
  const why = (isError ? output.status_reason : output.last_error) ?? output.last_error ?? output.status_reason
  const who = `${inputName}, ${output.name}`
  return [{ of: 'output', tone: isError ? 'bad' : 'warn', who, why: why ?? 'It does not run.', act: toAct(output) }]
}

/**
 * Whether trying again is not enough: it failed so often in a row, or the next try is far away. From then on it stays so
 * through each try, until it has been running for a while.
 */
function isStruggling(output: OutputResource, nowMs: number): boolean {
  const patience = output.reconnect_delay * 1000 > PATIENCE_MS ? 1 : PATIENCE_FAILURES
  if (output.attempt < patience) return false
  if (output.status === 'running') return nowMs - Date.parse(output.since) < STEADY_MS
  return output.status === 'reconnecting' || output.status === 'starting'
}

/** A wrong key or address is mended in the form; for the rest another try may do. */
function toAct(output: OutputResource): Act {
  const remedy = remedyOf(output)
  if (remedy) return { ...remedy, isForm: true }
  return { words: 'Try now', post: `/api/inputs/${output.input_id}/outputs/${output.id}/restart` }
}
