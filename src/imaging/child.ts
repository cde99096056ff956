import { writeFileSync } from 'node:fs'
import { isAppError } from '../errors.ts'
import { createLineSplitter } from '../media/lines.ts'
import { type FromChild, toChild } from './protocol.ts'
import { REFUSAL_CODES, type RefusalCode, toRefusal } from './refusals.ts'

/** Where memory is short the kernel ends a process; this one is missed least (proc(5), `oom_score_adj`). */
const OOM_SCORE = '700'
const MAX_LINE = 65_536

/**
 * The child that decodes pictures: `weir imaging`, a process of its own because libvips reads what strangers send. Takes
 * a job as a line of JSON, answers each by one, and leaves when its stdin ends.
 */
export async function runImagingChild(input: ReadableStream<Uint8Array>, write: (line: string) => void): Promise<void> {
  try {
    writeFileSync('/proc/self/oom_score_adj', OOM_SCORE)
  } catch (error) {
    process.stderr.write(`the order of the kernel's victims stays as it is: ${(error as Error).message}\n`)
  }
  const { runJob } = await import('./steps.ts')
  const answer = (message: FromChild) => write(`${JSON.stringify(message)}\n`)
  answer({ t: 'ready' })

  const waiting: string[] = []
  const lines = createLineSplitter(MAX_LINE, (line) => waiting.push(line))
  for await (const chunk of input) {
    lines.push(chunk)
    for (let line = waiting.shift(); line !== undefined; line = waiting.shift()) {
      const { id, job } = toChild.parse(JSON.parse(line))
      try {
        answer({ t: 'done', id, result: await runJob(job) })
      } catch (error) {
        answer({ t: 'failed', id, refusal: toKnown(error) })
      }
    }
  }
}

function toKnown(error: unknown): { code: RefusalCode; message: string } {
  if (isAppError(error) && isRefusalCode(error.code)) {
    if (error.cause instanceof Error) process.stderr.write(`[info] ${error.code}: ${error.cause.message}\n`)
    return { code: error.code, message: error.message }
  }
  process.stderr.write(`[error] ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  const { message } = toRefusal('image.unavailable')
  return { code: 'image.unavailable', message }
}

function isRefusalCode(code: string): code is RefusalCode {
  return (REFUSAL_CODES as string[]).includes(code)
}
