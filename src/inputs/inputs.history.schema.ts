import { z } from 'zod'
import { totalField } from '../lib/fields.ts'
import { EVENT_KINDS } from '../live/event-kinds.ts'
import { timeField } from '../live/wire.ts'

const showField = z
  .enum(EVENT_KINDS, { error: 'One of faults and people.' })
  .describe('faults: what went wrong. people: what people did.')
/** Of the page of an input; its form sends an empty one for all. */
export const inputPageQuery = z.object({
  show: z
    .literal('')
    .transform(() => undefined)
    .or(showField)
    .optional(),
})

export const eventsQuery = z.strictObject({
  from: z.iso.datetime({ offset: true }).optional(),
  type: z
    .string()
    .regex(/^[a-z_.]{1,64}$/)
    .optional(),
  show: showField.optional(),
  limit: wholeText(1, 200).optional(),
  cursor: z.string().max(64).optional(),
  total: totalField,
})
export const eventResource = z.object({
  id: z.int(),
  at: timeField,
  type: z.string(),
  actor: z.string(),
  output_id: z.int().nullable(),
  message: z.string(),
  data: z.record(z.string(), z.unknown()).nullable(),
})
export type EventResource = z.infer<typeof eventResource>
export const eventsPage = z.object({
  items: z.array(eventResource),
  next_cursor: z.string().nullable(),
  total: z.int().optional(),
  earlier: z.int().optional().describe('How many come after this page, where `total` was asked for.'),
})

export const historyQuery = z.strictObject({ minutes: wholeText(1, 10).optional() })
export const historyResource = z.object({
  step_seconds: z.number(),
  from: timeField,
  bitrate_kbps: z.array(z.number().nullable()),
  outputs: z.record(z.string(), z.array(z.number().nullable())),
})

/** A whole number in a query, where everything is text. */
function wholeText(least: number, most: number) {
  return z
    .string()
    .regex(/^\d{1,9}$/, 'A whole number.')
    .transform(Number)
    .refine((n) => n >= least && n <= most, `From ${least} to ${most}.`)
}
