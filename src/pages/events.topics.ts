import { invalidField } from '../errors.ts'

/** What a client of the event stream asked for. */
export type Topics = {
  /** As they are written on events. */
  names: ReadonlySet<string>
  /** Every input; else those of `inputIds` alone. */
  allInputs: boolean
  inputIds: readonly number[]
  /** Outputs whose log lines are wanted. */
  logIds: readonly number[]
  system: boolean
}

const MAX_TOPICS = 50

/**
 * Reads `?topics=`: `inputs`, `input:7`, `system`, `log:7`, by commas. Nothing asked for means inputs and system: log
 * lines come to who names the output alone.
 * @throws AppError 422 at `topics`
 */
export function parseTopics(text: string | undefined): Topics {
  const names = new Set((text ?? 'inputs,system').split(',').map((name) => name.trim()))
  if (names.size > MAX_TOPICS) throw invalidField('topics', `At most ${MAX_TOPICS}.`)
  const inputIds: number[] = []
  const logIds: number[] = []
  for (const name of names) {
    if (name === 'inputs' || name === 'system') continue
    const [, kind, id] = /^(input|log):([1-9]\d{0,14})$/.exec(name) ?? []
    if (!kind) throw invalidField('topics', 'This version has inputs, input:ID, system and log:ID.')
    if (kind === 'input') inputIds.push(Number(id))
    else logIds.push(Number(id))
  }
  return { names, allInputs: names.has('inputs'), inputIds, logIds, system: names.has('system') }
}

/** The topic of events that read otherwise for each host: an input says where to send. */
export function atHost(topic: string, host: string): string {
  return `${topic}@${host}`
}
