import { z } from 'zod'
import { totalField } from '../lib/fields.ts'

const time = z.iso.datetime({ offset: true, error: 'A time such as 2026-11-21T10:00:00Z.' })
const word = z.string().min(1).max(200)

export const auditQuery = z.strictObject({
  actor: word.optional().describe('`user:3`, `key:2`, `anonymous`, or a name.'),
  action: word.optional().describe('`input.start`.'),
  target: word.optional().describe('`input:3`.'),
  from: time.optional(),
  to: time.optional(),
  limit: z.coerce.number().int().min(1).max(200).optional(),
  cursor: z
    .string()
    .regex(/^\d{1,15}$/, 'A next_cursor of an answer.')
    .transform(Number)
    .optional(),
  total: totalField,
})
export type AuditQuery = z.infer<typeof auditQuery>

export const auditItem = z.object({
  id: z.int(),
  at: z.iso.datetime(),
  actor: z.object({ id: z.string(), name: z.string() }),
  address: z.string(),
  action: z.string(),
  target: z.string(),
  result: z.enum(['done', 'refused']),
  status: z.int(),
  code: z.string().nullable(),
  request_id: z.string(),
  before: z.record(z.string(), z.unknown()).nullable(),
  after: z.record(z.string(), z.unknown()).nullable(),
})
export type AuditItem = z.infer<typeof auditItem>

export const auditPage = z.object({
  items: z.array(auditItem),
  next_cursor: z.string().nullable(),
  total: z.int().optional(),
})
export type AuditPage = z.infer<typeof auditPage>
