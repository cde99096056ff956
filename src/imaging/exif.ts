const DATE_TIME = 0x0132
const EXIF_IFD = 0x8769
const DATE_TIME_ORIGINAL = 0x9003
const OFFSET_TIME_ORIGINAL = 0x9011
const TYPE_ASCII = 2
/** No camera writes more; a broken count is not followed. */
const MAX_ENTRIES = 1_000
const DATE = /^(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)/
const OFFSET = /^([+-])(\d\d):(\d\d)/

/**
 * When a picture was taken, wall-clock milliseconds, or null: `DateTimeOriginal` with `OffsetTimeOriginal` (without one,
 * UTC), else `DateTime` (Exif 2.32, 4.6.4 and 4.6.5). Never throws, whatever the bytes are.
 */
export function readTakenAt(exif: Uint8Array): number | null {
  const marker = Buffer.from(exif.subarray(0, 6)).toString('latin1') === 'Exif\0\0' ? 6 : 0
  const tiff = new DataView(exif.buffer, exif.byteOffset + marker, exif.byteLength - marker)
  if (tiff.byteLength < 8) return null
  const order = tiff.getUint16(0)
  if (order !== 0x4949 && order !== 0x4d4d) return null
  const little = order === 0x4949
  const main = readEntries(tiff, tiff.getUint32(4, little), little)
  const inner = main.get(EXIF_IFD)
  const own = inner === undefined ? null : readEntries(tiff, tiff.getUint32(inner + 8, little), little)
  const text = (entries: Map<number, number> | null, tag: number) => readText(tiff, entries?.get(tag), little)
  return toWall(text(own, DATE_TIME_ORIGINAL), text(own, OFFSET_TIME_ORIGINAL)) ?? toWall(text(main, DATE_TIME), '')
}

/** Tag to the place of its entry (TIFF 6.0, section 2). */
function readEntries(tiff: DataView, at: number, little: boolean): Map<number, number> {
  const entries = new Map<number, number>()
  if (at + 2 > tiff.byteLength) return entries
  const count = Math.min(tiff.getUint16(at, little), MAX_ENTRIES)
  for (let entry = at + 2, n = 0; n < count && entry + 12 <= tiff.byteLength; entry += 12, n++)
    entries.set(tiff.getUint16(entry, little), entry)
  return entries
}

function readText(tiff: DataView, entry: number | undefined, little: boolean): string {
  if (entry === undefined || tiff.getUint16(entry + 2, little) !== TYPE_ASCII) return ''
  const length = tiff.getUint32(entry + 4, little)
  const at = length <= 4 ? entry + 8 : tiff.getUint32(entry + 8, little)
  if (length > 64 || at + length > tiff.byteLength) return ''
  return Buffer.from(tiff.buffer, tiff.byteOffset + at, length).toString('latin1')
}

function toWall(date: string, offset: string): number | null {
  const [, year, month, day, hour, minute, second] = (DATE.exec(date) ?? []).map(Number)
  if (year === undefined || !year || !month || !day) return null
  const wall = Date.UTC(year, month - 1, day, hour, minute, second)
  const [, sign, hours = 0, minutes = 0] = OFFSET.exec(offset) ?? []
  return wall - (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
}
