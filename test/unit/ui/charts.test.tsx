/** @jsxImportSource hono/jsx */
import { describe, expect, test } from 'bun:test'
import { Chart } from '../../../src/ui/chart.tsx'
import { toAverages, toRoundScale, toScale, toY } from '../../../src/ui/series.ts'
import { Spark, toSparkPath } from '../../../src/ui/spark.tsx'

describe('a spark', () => {
  test('is one closed path around the box, a gap on its floor', () => {
    expect(toSparkPath([1000, null, 1000])).toBe('M-2 30V9.7L0 9.7 60 27 120 9.7H122V30z')
  })
  test('has 40 points at most and stays small', () => {
    const path = String(<Spark values={Array.from({ length: 600 }, (_, i) => 6000 + (i % 7) * 100)} />)
    expect(path.match(/ \d+(\.\d)? \d+(\.\d)?/g)?.length).toBeLessThanOrEqual(40)
    expect(path.length).toBeLessThan(600)
  })
  test('of nothing is empty', () => {
    expect(String(<Spark values={[5]} />)).not.toContain('<path')
  })
})

describe('a series', () => {
  test('is averaged share by share; a share without figures is none', () => {
    expect(toAverages([1, 3, null, null, 5, null], 3)).toEqual([2, null, 5])
    expect(toAverages([1, null], 3)).toEqual([1, null])
  })
  test('has room above it, and a scale that is never nought', () => {
    expect(toScale([100, null])).toBe(150)
    expect(toScale([null], 0)).toBe(1)
    expect(toRoundScale([6120])).toBe(10_000)
    expect(toRoundScale([810])).toBe(1500)
    expect([toY(-1, 10, 100), toY(5, 10, 100), toY(99, 10, 100)]).toEqual([99, 50, 1])
  })
})

describe('a chart', () => {
  test('says in words what it shows', () => {
    const html = String(<Chart caption="In" values={[5900, null, 6300]} minutes={10} />)
    expect(html).toContain('aria-label="From 5.90 Mbit/s to 6.30 Mbit/s, on average 6.10 Mbit/s"')
    expect(html).toContain('10 min ago')
  })
  test.each([[[]], [[null]], [[0, null, 0]]])('of %j says that nothing came, and has no scale', (values) => {
    const html = String(<Chart caption="In" values={values} minutes={10} />)
    expect(html).toContain('No feed in the last 10 minutes')
    expect(html).not.toContain('<svg')
    expect(html).not.toContain('bit/s')
  })
  test('breaks its line where a figure is missing, and its area with it', () => {
    const html = String(<Chart caption="In" values={[10, 10, null, 10]} minutes={1} />)
    expect(html).toContain('class="chart-line" d="M0 31L200 31M600 31"')
    expect(html).toContain('class="chart-area" d="M0 92L0 31L200 31L200 92zM600 92L600 31L600 92z"')
  })
})
