import { describe, expect, test } from 'bun:test'
import { createProgressParser, type Progress } from '../../../../src/media/ffmpeg/progress.ts'

function parse(text: string): Progress[] {
  const blocks: Progress[] = []
  const feed = createProgressParser((block) => blocks.push(block))
  for (const line of text.split('\n')) feed(line)
  return blocks
}

/** As FFmpeg 5.1 writes it for a copy. */
const BLOCK = `frame=53
fps=25.12
stream_0_0_q=-1.0
bitrate=1041.3kbits/s
total_size= 272036
out_time_us=2048000
out_time_ms=2048000
out_time=00:00:02.048000
dup_frames=0
drop_frames=3
speed=1.34x
progress=continue`

describe('progress', () => {
  test('reads a block', () => {
    expect(parse(BLOCK)).toEqual([
      { frame: 53, fps: 25.12, totalSizeBytes: 272_036, outTimeUs: 2_048_000, dropFrames: 3, speed: 1.34 },
    ])
  })

  test('what is not known yet is null', () => {
    const block = 'frame=0\nfps=0.00\ntotal_size=N/A\nout_time_us=N/A\nspeed=N/A\nprogress=continue'
    expect(parse(block)).toEqual([
      { frame: 0, fps: 0, totalSizeBytes: null, outTimeUs: null, dropFrames: null, speed: null },
    ])
  })

  test('negative times and large speeds are numbers', () => {
    const block = parse('out_time_us=-21333\nspeed=2.13e+04x\nprogress=end')[0]
    expect(block?.outTimeUs).toBe(-21_333)
    expect(block?.speed).toBe(21_300)
  })

  test('a block carries nothing over from the one before', () => {
    const [, second] = parse(`${BLOCK}\nframe=54\nprogress=end`)
    expect(second).toEqual({
      frame: 54,
      fps: null,
      totalSizeBytes: null,
      outTimeUs: null,
      dropFrames: null,
      speed: null,
    })
  })

  test('foreign lines do no harm, however many', () => {
    const noise = Array.from({ length: 10_000 }, (_, i) => `key${i}=x`).join('\n')
    expect(parse(`hello\n=\n=3\n${noise}`)).toEqual([])
    expect(parse(`hello\n${BLOCK}`)).toHaveLength(1)
  })
})
