import { z } from 'zod'
import { toIso } from '../lib/fields.ts'
import { type ChildExit, EXIT_CLASSES, type LogLine, type Warning } from '../media/actual.ts'

/** Times of the API: ISO 8601 UTC with milliseconds. */
export const timeField = z.string().meta({ format: 'date-time' })

export const warningResource = z.object({ code: z.string(), message: z.string(), since: timeField })

export const exitResource = z.object({
  class: z.enum(EXIT_CLASSES),
  code: z.int().nullable(),
  signal: z.string().nullable(),
  forced: z.boolean(),
  at: timeField,
  ran_seconds: z.number(),
  next: z.enum(['retry', 'error', 'none']),
  lines: z.array(z.string()),
})

export const logsResource = z.object({
  lines: z.array(z.object({ at: timeField, level: z.enum(['debug', 'info', 'warning', 'error']), text: z.string() })),
  exits: z.array(exitResource),
})

export function toWarnings(warnings: readonly Warning[]): z.infer<typeof warningResource>[] {
  return warnings.map(({ code, message, since }) => ({ code, message, since: toIso(since) }))
}

export function toExit({ ranSeconds, at, asked: _, ...exit }: ChildExit): z.infer<typeof exitResource> {
  return { ...exit, at: toIso(at), ran_seconds: ranSeconds }
}

export function toLogs(logs: { lines: LogLine[]; exits: ChildExit[] }): z.infer<typeof logsResource> {
  return { lines: logs.lines.map((line) => ({ ...line, at: toIso(line.at) })), exits: logs.exits.map(toExit) }
}

/** A figure as people read it; workers report what they computed. */
export function toRounded(value: number | null | undefined, digits: number): number | null {
  return value === null || value === undefined ? null : Number(value.toFixed(digits))
}
