import { expect, test } from 'bun:test'
import { z } from 'zod'
import { nameField } from '../../../src/lib/fields.ts'
import { toWords } from '../../../src/lib/zod-words.ts'

const wordsOf = (schema: z.ZodType, value: unknown) =>
  schema.safeParse(value, { error: toWords }).error?.issues.map(({ message }) => message)

test.each<[z.ZodType, unknown, string]>([
  [z.coerce.number().int().min(1).max(200), '500', 'At most 200.'],
  [z.coerce.number().int().min(1).max(200), '0', 'At least 1.'],
  [z.coerce.number().int(), 'many', 'A number is expected.'],
  [z.coerce.number().int(), '1.5', 'A whole number is expected.'],
  [nameField, 5, 'Text is expected.'],
  [nameField, undefined, 'This is missing.'],
  [nameField, '', 'At least one character.'],
  [z.string().min(1), '', 'This is empty.'],
  [z.string().max(2000), 'x'.repeat(2001), 'At most 2,000 characters.'],
  [z.array(z.string()).max(2), ['', '', ''], 'At most 2 entries.'],
  [z.array(z.string()), 'x', 'A list is expected.'],
  [z.boolean(), 'x', 'true or false.'],
  [z.uuid(), 'x', 'An id such as 01a1ff91-1111-7000-8000-000000000000 is expected.'],
  [z.string().regex(/^a/), 'x', 'This is not written as it should be.'],
  [z.enum(['a', 'b']), 'x', 'One of a, b.'],
  [z.union([z.int(), z.null()]), 'x', 'This does not fit.'],
  [z.number().positive(), 0, 'More than 0.'],
])('%# a value that does not fit is told in plain words', (schema, value, words) => {
  expect(wordsOf(schema, value)).toEqual([words])
})
