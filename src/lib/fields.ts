import { z } from 'zod'

/** Longest value that FFmpeg prints and reads whole; everything a person types and a child sees stays within. */
export const MAX_TEXT_BYTES = 512

/**
 * True for text of one line that survives UTF-8: no control characters (a newline would be a second option where
 * options are read line by line), no line separators, no half of a surrogate pair.
 */
export function isPlainLine(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this refuses.
  return !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(text) && text.isWellFormed()
}

/** A name for people: 1 to 255 characters, outer spaces dropped, composed form (NFC). */
export const nameField = z
  .string()
  .trim()
  .normalize('NFC')
  .min(1, 'At least one character.')
  .max(255, 'At most 255 characters.')
  .refine(isPlainLine, 'No line breaks or control characters.')

/** What two names have in common that differ in case alone. */
export function toNameKey(name: string): string {
  return name.normalize('NFKC').toLowerCase().toUpperCase().toLowerCase()
}

/** One line of at most 512 bytes, taken as it is. */
export const lineField = z
  .string()
  .min(1, 'At least one character; null clears it.')
  .refine(isPlainLine, 'No line breaks or control characters.')
  .refine((text) => Buffer.byteLength(text) <= MAX_TEXT_BYTES, `At most ${MAX_TEXT_BYTES} bytes.`)

/** A whole number within bounds, refused in the words of the form that it stands in. */
export function wholeField(least: number, most: number) {
  const words = `A whole number from ${least} to ${most}.`
  return z.int(words).min(least, words).max(most, words)
}

/** One of the values that this version takes; the message names them. */
export function oneOf<const T extends readonly [string, ...string[]]>(values: T) {
  return z.enum(values, { error: `This version takes ${values.join(', ')}.` })
}

/** A field of the contract that a later version will take; null may come back from a client that read it. */
export const laterField = z.null({ error: 'This version does not have it yet.' }).optional()

/** An id in a path: decimal, as it was printed. */
export const idParam = z
  .string()
  .regex(/^[1-9]\d{0,15}$/)
  .transform(Number)
  .refine(Number.isSafeInteger)

/** `?total=true` of a list that comes in pages. */
export const totalField = z
  .enum(['true', 'false'], { error: 'true or false.' })
  .transform((text) => text === 'true')
  .optional()

/** ISO 8601 UTC with milliseconds, as all times of the API. */
export function toIso(wallMs: number): string
export function toIso(wallMs: number | null): string | null
export function toIso(wallMs: number | null): string | null {
  return wallMs === null ? null : new Date(wallMs).toISOString()
}
