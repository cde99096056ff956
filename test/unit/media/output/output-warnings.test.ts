import { describe, expect, test } from 'bun:test'
import { createOutputWarnings } from '../../../../src/media/output/output-warnings.ts'

const codes = (warnings: ReturnType<typeof createOutputWarnings>) => warnings.list().map((warning) => warning.code)

const seen = (
  behind: boolean,
  skips: number,
  /** Of an encoder; null = a copy. */
  encoderSpeed: number | null = null,
  sendQueueMs: number | null = null,
) => ({
  ...{ behind, skips, encodes: encoderSpeed !== null, speed: encoderSpeed, sendQueueMs },
})

describe('output warnings', () => {
  test('none while all is well', () => {
    const warnings = createOutputWarnings()
    warnings.look(seen(false, 0), 0, 1_000)
    expect(warnings.list()).toEqual([])
  })

  test('behind begins at once, keeps its beginning, and ends five calm seconds later', () => {
    const warnings = createOutputWarnings()
    warnings.look(seen(true, 0), 0, 1_000)
    warnings.look(seen(false, 0), 3_000, 4_000)
    warnings.look(seen(true, 0), 4_000, 5_000)
    warnings.look(seen(false, 0), 8_999, 9_999)
    expect(warnings.list()).toMatchObject([{ code: 'output.behind', since: 1_000 }])
    warnings.look(seen(false, 0), 9_000, 10_000)
    expect(codes(warnings)).toEqual([])
  })

  test('an encoder that stands still before its speed is known is slow', () => {
    const warnings = createOutputWarnings()
    warnings.look({ behind: true, skips: 0, encodes: true, speed: null, sendQueueMs: null }, 0, 0)
    expect(codes(warnings)).toEqual(['output.slow_encoder'])
  })

  test('a skip is said for a minute, another prolongs it', () => {
    const warnings = createOutputWarnings()
    warnings.look(seen(false, 1), 0, 0)
    warnings.look(seen(false, 2), 50_000, 0)
    warnings.look(seen(false, 2), 109_999, 0)
    expect(codes(warnings)).toEqual(['output.skipped'])
    warnings.look(seen(false, 2), 110_000, 0)
    expect(codes(warnings)).toEqual([])
  })

  test('another child begins without a past', () => {
    const warnings = createOutputWarnings()
    warnings.look(seen(true, 3), 0, 0)
    expect(codes(warnings)).toEqual(['output.behind', 'output.skipped'])
    warnings.clear()
    expect(codes(warnings)).toEqual([])
    warnings.look(seen(false, 1), 500, 0)
    expect(codes(warnings)).toEqual(['output.skipped'])
  })

  test('an encoder is slow once it was for ten seconds in a row', () => {
    const warnings = createOutputWarnings()
    warnings.look(seen(false, 0, 0.9), 0, 0)
    warnings.look(seen(false, 0, 0.98), 6_000, 0)
    warnings.look(seen(false, 0, 0.9), 7_000, 0)
    warnings.look(seen(false, 0, 0.96), 16_999, 0)
    expect(codes(warnings)).toEqual([])
    warnings.look(seen(false, 0, 0.96), 17_000, 0)
    expect(codes(warnings)).toEqual(['output.slow_encoder'])
    warnings.look(seen(false, 0, 1), 22_000, 0)
    expect(codes(warnings)).toEqual([])
  })

  test('a transcode that refuses its feed is a slow encoder, whatever its speed', () => {
    const warnings = createOutputWarnings()
    warnings.look(seen(true, 0, 1), 0, 0)
    expect(codes(warnings)).toEqual(['output.slow_encoder'])
  })

  test('a send queue of more than a second is said after three of them', () => {
    const warnings = createOutputWarnings()
    warnings.look(seen(false, 0, null, 1_001), 0, 0)
    warnings.look(seen(false, 0, null, 900), 2_000, 0)
    warnings.look(seen(false, 0, null, 1_500), 2_500, 0)
    warnings.look(seen(false, 0, null, 4_000), 5_499, 0)
    expect(codes(warnings)).toEqual([])
    warnings.look(seen(false, 0, null, 4_000), 5_500, 0)
    expect(codes(warnings)).toEqual(['output.send_queue'])
    warnings.look(seen(false, 0, null, 0), 10_500, 0)
    expect(codes(warnings)).toEqual([])
  })
})
