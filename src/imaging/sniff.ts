import type { PictureType } from './protocol.ts'

/** As many bytes as `sniff` looks at. */
export const HEAD_BYTES = 512

export type Sniffed =
  | { type: PictureType }
  /** What it is instead, in the words of a person; null = nothing that is known here. */
  | { type: null; name: string | null }

/** Where a text must stand for a file to be of that type; all of a row, in Latin-1. */
type Magic = [at: number, texts: string[]][]

const TYPES: [PictureType, Magic][] = [
  ['jpeg', [[0, ['\xff\xd8\xff']]]],
  ['png', [[0, ['\x89PNG\r\n\x1a\n']]]],
  ['gif', [[0, ['GIF87a', 'GIF89a']]]],
  [
    'webp',
    [
      [0, ['RIFF']],
      [8, ['WEBP']],
    ],
  ],
  // The size of its second header tells it from words that begin with BM.
  [
    'bmp',
    [
      [0, ['BM']],
      [14, ['\x0c', '\x28', '\x34', '\x38', '\x40', '\x6c', '\x7c'].map((size) => `${size}\0\0\0`)],
    ],
  ],
]

/** ISO base media files (ISO/IEC 14496-12, 4.3) have their brand behind `ftyp`. */
const ftyp = (...brands: string[]): Magic => [[4, brands.map((brand) => `ftyp${brand}`)]]
const OTHERS: [string, Magic][] = [
  ['AVIF', ftyp('avif', 'avis')],
  ['HEIC', ftyp('heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'mif1', 'msf1')],
  ['TIFF', [[0, ['II*\0', 'MM\0*', 'II+\0', 'MM\0+']]]],
  ['PDF', [[0, ['%PDF-']]]],
  ['JPEG XL', [[0, ['\xff\x0a', '\0\0\0\x0cJXL ']]]],
  ['JPEG 2000', [[0, ['\0\0\0\x0cjP  ', '\xff\x4f\xff\x51']]]],
  ['Photoshop', [[0, ['8BPS']]]],
  ['a video', ftyp('')],
  ['a video', [[0, ['\x1aE\xdf\xa3']]]],
]

/** The type of a picture by its first bytes, whatever it is called. */
export function sniff(bytes: Uint8Array): Sniffed {
  const head = Buffer.from(bytes.subarray(0, HEAD_BYTES)).toString('latin1')
  const is = (magic: Magic) => magic.every(([at, texts]) => texts.some((text) => head.startsWith(text, at)))
  const type = TYPES.find(([, magic]) => is(magic))?.[0]
  if (type) return { type }
  return { type: null, name: OTHERS.find(([, magic]) => is(magic))?.[0] ?? sniffText(head) }
}

/** What is said of a file that is not taken, by the name that it goes by. */
export function toTypeWords(name: string | null): string {
  if (name === 'HEIC')
    return (
      'This is a HEIC picture, which Weir does not read. Send JPEG instead. ' +
      'An iPhone takes JPEG when Settings, Camera, Formats says Most Compatible.'
    )
  if (name === null) return 'This is no picture that Weir knows. Send JPEG, PNG, WebP, GIF or BMP.'
  return `This is ${/^an? /.test(name) ? name : `a file of type ${name}`}. Send JPEG, PNG, WebP, GIF or BMP.`
}

function sniffText(head: string): string | null {
  const text = head.replace('\xef\xbb\xbf', '').trimStart().toLowerCase()
  if (!text.startsWith('<')) return null
  if (text.includes('<svg')) return 'SVG'
  return text.includes('<html') || text.startsWith('<!doctype html') ? 'a web page' : null
}
