/** Those of cameras and phones have less than a thousand bytes; each size of the picture would carry a bigger one. */
const MAX_BYTES = 16 * 1024
const [CLASS_AT, SPACE_AT, MAGIC_AT, HEADER_BYTES] = [12, 16, 36, 128]
/** Of what shows or takes pictures, or of colours alone (ICC.1:2022, 7.2.5). */
const CLASSES = ['mntr', 'scnr', 'spac']

/**
 * Whether an ICC profile is of other colours than those of the web, for red, green and blue as they stand, so that it can
 * stay with every size that is made (ICC.1:2022, 7.2). Grey and ink are turned into the colours of the web instead.
 */
export function isWide(profile: Uint8Array): boolean {
  if (profile.length < HEADER_BYTES || profile.length > MAX_BYTES) return false
  const text = Buffer.from(profile.buffer, profile.byteOffset, profile.byteLength).toString('latin1')
  const isRgb = text.startsWith('RGB ', SPACE_AT) && text.startsWith('acsp', MAGIC_AT)
  // Its name stands in it with one or two bytes to a letter, by its version.
  return isRgb && CLASSES.includes(text.slice(CLASS_AT, SPACE_AT)) && !text.replaceAll('\0', '').includes('sRGB')
}
