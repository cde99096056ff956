import { z } from 'zod'
import { MEMBER_ROLES } from '../db/tables/stream-members.ts'
import { PICTURE_VISIBILITIES, STREAM_VISIBILITIES } from '../db/tables/streams.ts'
import { RELATIONS } from '../lib/access.ts'
import { idParam, laterField, nameField, oneOf, totalField, wholeField } from '../lib/fields.ts'

export const STREAM_STATUS = ['planned', 'live', 'ended'] as const
export type StreamStatus = (typeof STREAM_STATUS)[number]

const SLUG = /^[a-z0-9]+(?:-[a-z0-9]+)*$/
const SLUG_WORDS = 'Small letters, digits and single hyphens, such as live-001; at most 64.'

const keyField = z.string().max(64, SLUG_WORDS).regex(SLUG, SLUG_WORDS)
const descriptionField = z
  .string()
  .trim()
  .normalize('NFC')
  .max(5000, 'At most 5,000 characters.')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this refuses.
  .refine((text) => text.isWellFormed() && !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text), {
    error: 'No control characters.',
  })

const fields = {
  key: keyField.optional(),
  description: descriptionField.nullable().optional(),
  input_id: z.int('The id of an input, or null.').positive('The id of an input, or null.').nullable().optional(),
  streamer_id: laterField,
  category_id: laterField,
  visibility: oneOf(STREAM_VISIBILITIES).optional(),
  default_visibility: oneOf(PICTURE_VISIBILITIES).optional(),
  teasers: z.boolean('true or false.').optional(),
  allow_download: z.boolean('true or false.').optional(),
  snapshot_interval_seconds: wholeField(10, 86_400).nullable().optional(),
  snapshot_keep: wholeField(1, 50).optional(),
}

export const streamCreate = z
  .strictObject({ ...fields, title: nameField.optional() })
  .refine((body) => body.title !== undefined || body.key !== undefined, {
    path: ['title'],
    error: 'At least one character.',
  })
export const streamPatch = z.strictObject({
  ...fields,
  title: nameField.optional(),
  cover_image_id: z.uuid('The id of a picture of this stream, or null.').nullable().optional(),
})
export type StreamCreate = z.infer<typeof streamCreate>
export type StreamPatch = z.infer<typeof streamPatch>

/** What is no key names nothing. */
export const streamParams = z.object({ key: keyField })
export const memberParams = streamParams.extend({ mid: idParam })

export const streamsQuery = z.strictObject({
  status: oneOf(STREAM_STATUS).optional(),
  q: z.string().trim().max(200).optional().describe('Part of a title or a key.'),
  trash: totalField.describe('Those in the trash instead.'),
  total: totalField,
  limit: z.coerce.number().int().min(1).max(200).optional(),
  cursor: z
    .string()
    .regex(/^\d{1,15}$/, 'A next_cursor of an answer.')
    .transform(Number)
    .optional(),
})
export type StreamsQuery = z.infer<typeof streamsQuery>

const time = z.iso.datetime()
export const streamResource = z.object({
  key: z.string(),
  title: z.string(),
  description: z.string(),
  owner_id: z.int().nullable().describe('Null to those outside, and where administrators look after it.'),
  input_id: z.int().nullable().describe('Null to those outside.'),
  streamer_id: z.null(),
  category_id: z.null(),
  visibility: z.enum(STREAM_VISIBILITIES),
  default_visibility: z.enum(PICTURE_VISIBILITIES),
  teasers: z.boolean(),
  allow_download: z.boolean(),
  cover_image_id: z.string().nullable(),
  cover_url: z.string().nullable(),
  snapshot_interval_seconds: z.int().nullable().describe('Null: no picture is taken by itself.'),
  snapshot_keep: z.int(),
  status: z.enum(STREAM_STATUS),
  role: z.enum(RELATIONS).nullable().describe('What the caller is to it.'),
  started_at: time.nullable(),
  ended_at: time.nullable(),
  created_at: time,
  updated_at: time,
  deleted_at: time.nullable().describe('In the trash since.'),
})
export type StreamResource = z.infer<typeof streamResource>
export const streamsPage = z.object({
  items: z.array(streamResource),
  next_cursor: z.string().nullable(),
  total: z.int().optional(),
})

const UNTIL_WORDS = 'A day such as 2027-01-31, a time such as 2027-01-31T20:00:00Z, or null for no end.'
/** A day counts to its end, in UTC. */
const untilField = z
  .union([z.iso.datetime({ offset: true }), z.iso.date().transform((day) => `${day}T23:59:59.999Z`)], {
    error: UNTIL_WORDS,
  })
  .nullable()
  .optional()

export const memberCreate = z.strictObject({
  role: oneOf(MEMBER_ROLES),
  user_id: z.int('The id of a person.').positive('The id of a person.').nullable().optional(),
  name: nameField.nullable().optional(),
  until: untilField,
})
export const memberPatch = z.strictObject({
  role: oneOf(MEMBER_ROLES).optional(),
  name: nameField.optional(),
  until: untilField,
})
export type MemberCreate = z.infer<typeof memberCreate>
export type MemberPatch = z.infer<typeof memberPatch>

export const memberResource = z.object({
  id: z.int(),
  role: z.enum(MEMBER_ROLES),
  user_id: z.int().nullable().describe('Null: a personal link.'),
  name: z.string(),
  until: time.nullable(),
  created_at: time,
  link: z.string().optional().describe('Of a personal link, in the answer of create alone, once.'),
})
export type MemberResource = z.infer<typeof memberResource>
