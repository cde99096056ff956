/** One block of FFmpeg's `-progress`; null where it wrote `N/A` or nothing. */
export type Progress = {
  frame: number | null
  fps: number | null
  /** Bytes the muxer has written since the start. */
  totalSizeBytes: number | null
  /** Media time written since the start, microseconds. */
  outTimeUs: number | null
  dropFrames: number | null
  speed: number | null
}

/**
 * Reads the lines of `-progress pipe:1` (`key=value`, a block ends with `progress=continue` or `progress=end`) and
 * hands out whole blocks. `out_time_ms` is left alone: it holds microseconds, an old mistake of FFmpeg's.
 */
export function createProgressParser(onBlock: (block: Progress) => void): (line: string) => void {
  let values = new Map<string, string>()
  return (line) => {
    const equals = line.indexOf('=')
    if (equals < 1) return
    const key = line.slice(0, equals).trim()
    if (key !== 'progress') {
      // FFmpeg writes about a dozen keys; more than that is not FFmpeg.
      if (values.size < 64) values.set(key, line.slice(equals + 1).trim())
      return
    }
    onBlock({
      frame: toNumber(values.get('frame')),
      fps: toNumber(values.get('fps')),
      totalSizeBytes: toNumber(values.get('total_size')),
      outTimeUs: toNumber(values.get('out_time_us')),
      dropFrames: toNumber(values.get('drop_frames')),
      speed: toNumber(values.get('speed')?.replace(/x$/, '')),
    })
    values = new Map()
  }
}

function toNumber(text: string | undefined): number | null {
  if (!text) return null
  const value = Number(text)
  return Number.isFinite(value) ? value : null
}
