/** What stands where a secret stood. */
export const MASK = '***'

/** Shorter secrets are not searched inside words: a one-letter password would shred every line. */
const MIN_ANYWHERE = 4

/**
 * Makes a function that hides the given secrets in a line of text, as they are and percent-encoded in every usual way.
 * A secret shorter than four characters is hidden only where it stands alone between delimiters, which is how it shows
 * in an address or a list of options.
 */
export function createMask(secrets: readonly (string | null)[]): (line: string) => string {
  const forms = new Set<string>()
  for (const secret of secrets) if (secret) for (const form of formsOf(secret)) forms.add(form)
  if (forms.size === 0) return (line) => line
  // Longest first, so that a secret that contains another leaves no rest behind.
  const patterns = [...forms].sort((a, b) => b.length - a.length).map(toPattern)
  const any = new RegExp(patterns.join('|'), 'giu')
  return (line) => line.replace(any, MASK)
}

/** Plain, the encodings of JavaScript, the bare minimum that servers print, and a second encoding of each. */
function formsOf(secret: string): string[] {
  const once = [secret, encode(secret, encodeURIComponent), encode(secret, encodeURI), encodeStrict(secret)]
  return [...once, ...once.map((form) => form.replaceAll('%', '%25'))]
}

function encode(secret: string, how: (text: string) => string): string {
  // A lone surrogate cannot be encoded, nor reach FFmpeg as it stands.
  return how(secret.toWellFormed())
}

/** Everything but letters and digits, as some servers do it. */
function encodeStrict(secret: string): string {
  return Array.from(new TextEncoder().encode(secret), (byte) => {
    const letter = String.fromCharCode(byte)
    return /[A-Za-z0-9]/.test(letter) ? letter : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }).join('')
}

function toPattern(form: string): string {
  const literal = form.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
  return form.length < MIN_ANYWHERE ? `(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])` : literal
}
