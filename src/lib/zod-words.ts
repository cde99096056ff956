import type { z } from 'zod'

const KINDS: Record<string, string> = {
  string: 'Text is expected.',
  number: 'A number is expected.',
  int: 'A whole number is expected.',
  boolean: 'true or false.',
  array: 'A list is expected.',
  object: 'A JSON object is expected.',
  null: 'null is expected.',
}
const COUNTED: Record<string, string> = { string: ' characters', array: ' entries' }
const FORMATS: Record<string, string> = {
  uuid: 'An id such as 01a1ff91-1111-7000-8000-000000000000 is expected.',
  datetime: 'A time such as 2027-01-31T20:00:00Z is expected.',
}

/** What is said about a value, in the words of people, where its schema has none of its own. Passed to `safeParse`. */
export const toWords: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'This is missing.' : (KINDS[issue.expected] ?? 'This does not fit.')
    case 'too_small':
      if (issue.minimum === 1 && issue.origin === 'string') return 'This is empty.'
      return `${issue.inclusive === false ? 'More than' : 'At least'} ${toBound(issue.minimum, issue.origin)}.`
    case 'too_big':
      return `${issue.inclusive === false ? 'Less than' : 'At most'} ${toBound(issue.maximum, issue.origin)}.`
    case 'invalid_format':
      return FORMATS[issue.format] ?? 'This is not written as it should be.'
    case 'invalid_value':
      return `One of ${issue.values.join(', ')}.`
    default:
      return 'This does not fit.'
  }
}

const toBound = (bound: number | bigint, origin: string) => `${bound.toLocaleString('en')}${COUNTED[origin] ?? ''}`
