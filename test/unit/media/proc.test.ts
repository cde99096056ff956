import { describe, expect, test } from 'bun:test'
import { parseProcSample, readProcSample } from '../../../src/media/proc.ts'

const STAT = '42 (ff) mpeg (x) S 1 42 42 0 -1 4194304 100 0 0 0 250 50 7 8 20 0 1 0 100 1000 200'
const STATUS = 'Name:\tffmpeg\nVmRSS:\t   54000 kB\nRssAnon:\t   12700 kB\nRssFile:\t   41000 kB\n'

describe('proc', () => {
  test('user and system time, behind a name with brackets and blanks', () => {
    expect(parseProcSample(STAT, STATUS)).toEqual({ cpuSeconds: 3, memoryBytes: 12_700 * 1024 })
  })

  test('a zombie has no memory', () => {
    expect(parseProcSample(STAT, 'Name:\tffmpeg\nState:\tZ\n')).toEqual({ cpuSeconds: 3, memoryBytes: null })
  })

  test('text that is no stat is no sample', () => {
    expect(parseProcSample('nonsense', STATUS)).toBeNull()
  })

  test('reads the kernel, and bears a process that is gone', () => {
    const sample = readProcSample(process.pid)
    expect(sample?.cpuSeconds).toBeGreaterThan(0)
    expect(sample?.memoryBytes).toBeGreaterThan(1_000_000)
    expect(readProcSample(2 ** 30)).toBeNull()
  })
})
