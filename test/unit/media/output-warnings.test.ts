import { describe, expect, test } from 'bun:test'
import { createOutputWarnings } from '../../../src/media/output-warnings.ts'

const codes = (warnings: ReturnType<typeof createOutputWarnings>) => warnings.list().map((warning) => warning.code)

describe('output warnings', () => {
  test('none while all is well', () => {
    const warnings = createOutputWarnings()
    warnings.look({ behind: false, skips: 0 }, 0, 1_000)
    expect(warnings.list()).toEqual([])
  })

  test('behind begins at once, keeps its beginning, and ends five calm seconds later', () => {
    const warnings = createOutputWarnings()
    warnings.look({ behind: true, skips: 0 }, 0, 1_000)
    warnings.look({ behind: false, skips: 0 }, 3_000, 4_000)
    warnings.look({ behind: true, skips: 0 }, 4_000, 5_000)
    warnings.look({ behind: false, skips: 0 }, 8_999, 9_999)
    expect(warnings.list()).toMatchObject([{ code: 'output.behind', since: 1_000 }])
    warnings.look({ behind: false, skips: 0 }, 9_000, 10_000)
    expect(codes(warnings)).toEqual([])
  })

  test('a skip is said for a minute, another prolongs it', () => {
    const warnings = createOutputWarnings()
    warnings.look({ behind: false, skips: 1 }, 0, 0)
    warnings.look({ behind: false, skips: 2 }, 50_000, 0)
    warnings.look({ behind: false, skips: 2 }, 109_999, 0)
    expect(codes(warnings)).toEqual(['output.skipped'])
    warnings.look({ behind: false, skips: 2 }, 110_000, 0)
    expect(codes(warnings)).toEqual([])
  })

  test('another child begins without a past', () => {
    const warnings = createOutputWarnings()
    warnings.look({ behind: true, skips: 3 }, 0, 0)
    expect(codes(warnings)).toEqual(['output.behind', 'output.skipped'])
    warnings.clear()
    expect(codes(warnings)).toEqual([])
    warnings.look({ behind: false, skips: 1 }, 500, 0)
    expect(codes(warnings)).toEqual(['output.skipped'])
  })
})
