import { z } from 'zod'
import { IMAGE_SOURCES } from '../db/tables/images.ts'
import { PICTURE_VISIBILITIES } from '../db/tables/streams.ts'
import { oneOf, totalField } from '../lib/fields.ts'

export const IMAGE_SORTS = ['newest', 'oldest', 'views', 'title'] as const
export type ImageSort = (typeof IMAGE_SORTS)[number]
const MAX_TAGS = 30
const MAX_BULK = 200

/** Text of one or more lines. */
const textField = (max: number) =>
  z
    .string()
    .trim()
    .normalize('NFC')
    .max(max, `At most ${max} characters.`)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this refuses.
    .refine((text) => text.isWellFormed() && !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text), {
      error: 'No control characters.',
    })
const tagField = textField(50).refine((tag) => tag !== '' && !/[\n\r,]/.test(tag), 'A word or two, without commas.')
const tagsField = z
  .array(tagField)
  .transform((tags) => [...new Set(tags)])
  .refine((tags) => tags.length <= MAX_TAGS, `At most ${MAX_TAGS} tags.`)
const visibilityField = oneOf(PICTURE_VISIBILITIES)

export const imageParams = z.object({ id: z.uuid() })
/** Whether a stream has such a key is asked of the streams. */
export const galleryParams = z.object({ key: z.string().max(64) })

/** What is said about a file when it is sent: in the query beside a raw body, in the fields of a form. */
const about = {
  visibility: visibilityField.optional(),
  title: textField(255).optional(),
  description: textField(5000).optional(),
}
export const uploadQuery = z.strictObject({ ...about, filename: z.string().max(2000).optional() })
/** `page`: the page that shows the gallery; what changed is told to every page in any case. */
export const uploadFields = z.strictObject({ ...about, page: z.string().max(100).optional() })
export type UploadAbout = z.infer<z.ZodObject<typeof about>>

export const imagePatch = z.strictObject({
  title: about.title,
  alt: textField(1000).optional(),
  description: about.description,
  tags: tagsField.optional(),
  visibility: about.visibility,
})
export type ImagePatch = z.infer<typeof imagePatch>

export const imagesQuery = z.strictObject({
  visibility: visibilityField.optional(),
  q: z
    .string()
    .trim()
    .max(200)
    .optional()
    .describe('Words in title, text, description or tags; file names for owners.'),
  tag: z.string().trim().max(50).optional(),
  source: oneOf(IMAGE_SOURCES).optional(),
  trash: totalField.describe('Those in the trash instead; for owners.'),
  sort: oneOf(IMAGE_SORTS).optional(),
  total: totalField,
  limit: z.coerce.number().int().min(1).max(200).optional(),
  cursor: z.string().max(1000).optional(),
})
export type ImagesQuery = z.infer<typeof imagesQuery>

export const searchQuery = z.strictObject({
  q: z
    .string('Words to look for.')
    .trim()
    .min(1, 'Words to look for.')
    .max(200, 'At most 200 characters.')
    .describe('Words in title, text, description, tags or the title of the stream; file names for owners.'),
  total: totalField,
  limit: z.coerce.number().int().min(1).max(200).optional(),
  cursor: z.string().max(1000).optional(),
})
export type SearchQuery = z.infer<typeof searchQuery>

const momentField = z.union([z.iso.datetime({ offset: true }), z.iso.date()], {
  error: 'A day such as 2027-01-31, or a time such as 2027-01-31T20:00:00Z.',
})
export const looksQuery = z.strictObject({
  from: momentField.optional(),
  to: momentField.optional(),
  step: oneOf(['hour', 'day']).optional().describe('An hour (at most 744 of them) or a day (400), in UTC.'),
})
export type LooksQuery = z.infer<typeof looksQuery>

export const removeQuery = z.strictObject({ purge: totalField.describe('Out of the trash for ever.') })

export const linkQuery = z.strictObject({
  variant: z
    .string()
    .regex(/^(thumb|small|large|full|original)(\.(jpg|webp|avif))?$/, 'thumb, small, large, full or original.')
    .optional(),
  expires: z.coerce
    .number('Seconds from 1 to 604800.')
    .int('Seconds from 1 to 604800.')
    .min(1, 'Seconds from 1 to 604800.')
    .max(604_800, 'At most 7 days: 604800 seconds.')
    .optional(),
})

const ids = z.array(z.uuid('The id of a picture.')).min(1, 'At least one id.').max(MAX_BULK, `At most ${MAX_BULK} ids.`)
/** In one object, so that a field of another action is refused by name. */
export const bulkBody = z
  .strictObject({
    ids,
    action: oneOf(['delete', 'restore', 'purge', 'visibility', 'move', 'tag']),
    visibility: visibilityField.optional(),
    stream_key: z.string().max(64).optional(),
    tags_add: tagsField.optional(),
    tags_remove: tagsField.optional(),
  })
  .superRefine((body, ctx) => {
    const needs = { visibility: 'visibility', move: 'stream_key', delete: null, restore: null, purge: null, tag: null }
    const name = needs[body.action]
    if (name !== null && body[name as 'visibility' | 'stream_key'] === undefined)
      ctx.addIssue({ code: 'custom', path: [name], message: `The action ${body.action} needs it.` })
    if (body.action === 'tag' && !body.tags_add && !body.tags_remove)
      ctx.addIssue({ code: 'custom', path: ['tags_add'], message: 'The action tag needs it, or tags_remove.' })
  })
export type BulkBody = z.infer<typeof bulkBody>

const time = z.iso.datetime()
export const imageResource = z.object({
  id: z.uuid(),
  stream_key: z.string(),
  title: z.string(),
  alt: z.string(),
  description: z.string(),
  tags: z.array(z.string()),
  width: z.int(),
  height: z.int(),
  placeholder: z.string().describe('Thumbhash, base64.'),
  variants: z.record(z.string(), z.string()).describe('Name to URL.'),
  created_at: time,
  owner_id: z.int().nullable().optional().describe('This and what follows: for owners.'),
  filename: z.string().optional(),
  visibility: z.enum(PICTURE_VISIBILITIES).optional(),
  mime_type: z.string().optional(),
  size_bytes: z.int().optional(),
  sha256: z.string().optional(),
  taken_at: time.nullable().optional(),
  source: z.enum(IMAGE_SOURCES).optional(),
  view_count: z.int().optional(),
  last_accessed_at: time.nullable().optional(),
  updated_at: time.optional(),
  deleted_at: time.nullable().optional(),
  duplicate: z.literal(true).optional().describe('Of an upload that was there already.'),
})
export type ImageResource = z.infer<typeof imageResource>

/** All that is shown of a picture for subscribers to those who are none. */
export const lockedImage = z.object({ id: z.uuid(), locked: z.literal(true), teaser_url: z.string() })
export type LockedImage = z.infer<typeof lockedImage>

export const imagesPage = z.object({
  items: z.array(z.union([imageResource, lockedImage])),
  next_cursor: z.string().nullable(),
  total: z.int().optional(),
})
export type ImagesPage = z.infer<typeof imagesPage>

export const searchPage = imagesPage.extend({ items: z.array(imageResource) })
export type SearchPage = z.infer<typeof searchPage>

const itemError = z.object({ code: z.string(), message: z.string(), status: z.int() })
export type ItemError = z.infer<typeof itemError>
export const uploadAnswer = z.object({
  items: z.array(
    z.object({
      filename: z.string(),
      status: z.enum(['created', 'duplicate', 'failed']),
      image: imageResource.optional(),
      error: itemError.optional(),
    }),
  ),
})
export type UploadItem = z.infer<typeof uploadAnswer>['items'][number]

export const bulkAnswer = z.object({
  results: z.array(
    z.object({
      id: z.string(),
      status: z.int().describe('As the same act on this one alone would answer.'),
      error: itemError.optional(),
    }),
  ),
})
export const imagesStats = z.object({
  total: z.int(),
  public: z.int(),
  private: z.int(),
  subscribers: z.int(),
  total_size_bytes: z.int(),
  total_size_mb: z.number(),
  most_viewed: imageResource.nullable(),
  views_total: z.int(),
})
const layer = z.object({
  used_bytes: z.int(),
  limit_bytes: z.int().describe('0 = no limit of its own.'),
  items: z.int(),
  hits: z.int(),
  misses: z.int(),
  evictions: z.int(),
  coalesced: z.int().describe('Asked for while somebody else was being served the same.'),
})
export const cacheStats = z.object({
  layers: z.object({
    http: layer.describe('Copies in browsers and proxies that were asked about: still right, or not.'),
    memory: layer,
    disk: layer.describe('Sizes that were made: there, or made when asked for.'),
  }),
  pages: z.object({ stream_gallery: layer }),
  memory_used_mb: z.number(),
  memory_max_mb: z.number(),
  cached_items: z.int(),
})
export type CacheStats = z.infer<typeof cacheStats>

export const cacheClear = z
  .strictObject({
    page: oneOf(['stream_gallery']).optional(),
    oldest_percent: z.coerce
      .number('A whole number from 1 to 100.')
      .int('A whole number from 1 to 100.')
      .min(1, 'A whole number from 1 to 100.')
      .max(100, 'A whole number from 1 to 100.')
      .optional()
      .describe('Only so much of it, what came first.'),
  })
  .describe('`{}` is all of it.')

export const looksView = z.object({
  id: z.uuid(),
  step: z.enum(['hour', 'day']),
  from: time,
  to: time.describe('The beginning of the last step.'),
  views_total: z.int().describe('Of all these steps.'),
  points: z.array(z.object({ at: time, views: z.int() })),
})
export type LooksView = z.infer<typeof looksView>
export const signedLink = z.object({ url: z.string(), expires_at: time })
export const checkAnswer = z.object({
  checked: z.int().describe('Pictures that were looked at.'),
  missing: z.array(z.object({ id: z.string(), files: z.array(z.string()) })),
  orphaned: z.array(z.object({ id: z.string() })).describe('Files on the disk that no picture has.'),
  quarantined: z.array(z.object({ id: z.string(), since: time, kind: z.enum(['picture', 'files']) })),
})
export type CheckAnswer = z.infer<typeof checkAnswer>
