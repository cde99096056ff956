/** A part of a file, both ends included (RFC 9110 14.1.2). */
export type Range = { first: number; last: number }

/**
 * What a Range header asks of a file of that size: one part, `all` where there is no header, another unit, or several parts
 * at once (a server may ignore it), `none` where nothing of it is there.
 */
export function parseRange(header: string | undefined, sizeBytes: number): Range | 'all' | 'none' {
  const [, from = '', to = ''] = /^bytes=\s*(\d{0,15})-(\d{0,15})\s*$/.exec(header ?? '') ?? []
  if (from === '' && to === '') return 'all'
  if (from === '') {
    const count = Math.min(Number(to), sizeBytes)
    return count === 0 ? 'none' : { first: sizeBytes - count, last: sizeBytes - 1 }
  }
  const first = Number(from)
  const last = to === '' ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1)
  if (to !== '' && Number(to) < first) return 'all'
  return first < sizeBytes ? { first, last } : 'none'
}
