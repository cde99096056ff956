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
  /** Streams whose pictures are wanted. */
  streamKeys: readonly string[]
  system: boolean
}

const MAX_TOPICS = 50

/**
 * Reads `?topics=`: `inputs`, `input:7`, `system`, `log:7`, `stream:live-001`, by commas. Nothing asked for means inputs
 * and system: log lines and pictures come to who names the output or the stream alone.
 * @throws AppError 422 at `topics`
 */
export function parseTopics(text: string | undefined): Topics {
  const names = new Set((text ?? 'inputs,system').split(',').map((name) => name.trim()))
  if (names.size > MAX_TOPICS) throw invalidField('topics', `At most ${MAX_TOPICS}.`)
  const inputIds: number[] = []
  const logIds: number[] = []
  const streamKeys: string[] = []
  for (const name of names) {
    if (name === 'inputs' || name === 'system') continue
    const [, key] = /^stream:([a-z0-9-]{1,64})$/.exec(name) ?? []
    if (key) {
      streamKeys.push(key)
      continue
    }
    const [, kind, id] = /^(input|log):([1-9]\d{0,14})$/.exec(name) ?? []
    if (!kind) throw invalidField('topics', 'This version has inputs, input:ID, system, log:ID and stream:KEY.')
    if (kind === 'input') inputIds.push(Number(id))
    else logIds.push(Number(id))
  }
  return { names, allInputs: names.has('inputs'), inputIds, logIds, streamKeys, system: names.has('system') }
}

/** The topic of what one audience sees of a stream's pictures. */
export function galleryTopic(streamId: number, audience: string): string {
  return `gallery:${streamId}@${audience}`
}

/** The topic of what one audience sees of a stream besides its pictures. */
export function streamTopic(streamId: number, audience: string): string {
  return `stream:${streamId}@${audience}`
}

/** The topic of events that read otherwise for each host: an input says where to send. */
export function atHost(topic: string, host: string): string {
  return `${topic}@${host}`
}
