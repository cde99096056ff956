import { describe, expect, test } from 'bun:test'
import {
  formatBinaryBytes,
  formatBytes,
  formatClock,
  formatCountdown,
  formatDuration,
  formatExact,
  formatRate,
  formatSpan,
} from '../../../src/ui/format.ts'

const words = ({ value, unit }: { value: string; unit: string }) => `${value} ${unit}`

describe('figures', () => {
  test.each([
    [0, '0 kbit/s'],
    [840.4, '840 kbit/s'],
    [6120, '6.12 Mbit/s'],
    [9994, '9.99 Mbit/s'],
    [9996, '10.0 Mbit/s'],
    [61_200, '61.2 Mbit/s'],
    [99_960, '100 Mbit/s'],
    [1_200_000, '1.20 Gbit/s'],
  ])('%d kbit/s is %s', (kbps, text) => expect(words(formatRate(kbps))).toBe(text))

  test.each([
    [0, '0 B', '0 B'],
    [999, '999 B', '999 B'],
    [13_500_000, '13.5 MB', '12.9 MiB'],
    [6_100_000_000, '6.1 GB', '5.7 GiB'],
    [250_000_000_000, '250 GB', '233 GiB'],
    [5e15, '5,000 TB', '4,547 TiB'],
  ])('%d bytes', (bytes, decimal, binary) => {
    expect(words(formatBytes(bytes))).toBe(decimal)
    expect(words(formatBinaryBytes(bytes))).toBe(binary)
  })
})

describe('times', () => {
  test.each([
    [-3, '0 s'],
    [59.9, '59 s'],
    [60, '1 min'],
    [134, '2 min 14 s'],
    [600, '10 min'],
    [641, '10 min'],
    [5160, '1 h 26 min'],
    [7200, '2 h'],
    [86_400, '1 day'],
    [300_000, '3 days'],
  ])('%d seconds last %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text))

  test('a span, and how long ago; a clock that is ahead is now', () => {
    expect(formatSpan(0, 24_000, false)).toBe('24 s')
    expect(formatSpan(0, 24_000, true)).toBe('24 s ago')
    expect(formatSpan(5000, 0, true)).toBe('now')
  })
  test('a countdown counts whole seconds up to now', () => {
    expect(formatCountdown(17_100, 0)).toBe('in 18 s')
    expect(formatCountdown(100, 0)).toBe('in 1 s')
    expect(formatCountdown(0, 0)).toBe('now')
  })
  test('the exact moment and the time of day are those of UTC', () => {
    expect(formatExact('2026-11-15T10:31:07.000Z')).toBe('Sun, 15 Nov 2026, 10:31:07 UTC')
    expect(formatClock('2026-11-15T10:31:07.999Z')).toBe('10:31:07')
  })
})
