import { describe, expect, test } from 'bun:test'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unpack } from '../../../src/lib/native.ts'

const bytes = new TextEncoder().encode('an addon')
const newDir = () => join(mkdtempSync(join(tmpdir(), 'weir-native-')), 'a', 'weir')

describe('unpack', () => {
  test('writes the file whole, for its owner alone, and leaves no draft', () => {
    const cacheDir = newDir()
    const path = unpack({ cacheDir, name: 'x.node', bytes }) ?? ''
    expect(readFileSync(path, 'utf8')).toBe('an addon')
    expect([statSync(path).mode & 0o777, statSync(cacheDir).mode & 0o777]).toEqual([0o500, 0o700])
    expect(readdirSync(cacheDir)).toEqual(['x.node'])
  })

  test('makes the folders of its name, for their owner alone', () => {
    const cacheDir = newDir()
    const path = unpack({ cacheDir, name: 'set-1/lib/x.so.8', bytes }) ?? ''
    expect(path).toBe(join(cacheDir, 'set-1/lib/x.so.8'))
    expect(statSync(join(cacheDir, 'set-1')).mode & 0o777).toBe(0o700)
    chmodSync(join(cacheDir, 'set-1/lib'), 0o777)
    expect(unpack({ cacheDir, name: 'set-1/lib/y.so.8', bytes })).toBeNull()
  })

  test('uses what is there', () => {
    const cacheDir = newDir()
    const first = unpack({ cacheDir, name: 'x.node', bytes }) ?? ''
    const before = statSync(first).ino
    expect(unpack({ cacheDir, name: 'x.node', bytes })).toBe(first)
    expect(statSync(first).ino).toBe(before)
  })

  test('replaces half a file and one that others could have written', () => {
    const cacheDir = newDir()
    mkdirSync(cacheDir, { recursive: true, mode: 0o700 })
    const path = join(cacheDir, 'x.node')
    writeFileSync(path, 'half')
    unpack({ cacheDir, name: 'x.node', bytes })
    expect(readFileSync(path, 'utf8')).toBe('an addon')
    writeFileSync(join(cacheDir, 'y.node'), 'a trojan')
    chmodSync(join(cacheDir, 'y.node'), 0o666)
    unpack({ cacheDir, name: 'y.node', bytes })
    expect(readFileSync(join(cacheDir, 'y.node'), 'utf8')).toBe('an addon')
  })

  test('does not trust a directory that others may write', () => {
    const cacheDir = newDir()
    mkdirSync(cacheDir, { recursive: true })
    chmodSync(cacheDir, 0o777)
    expect(unpack({ cacheDir, name: 'x.node', bytes })).toBeNull()
    expect(readdirSync(cacheDir)).toEqual([])
  })

  test('a place that cannot be a directory is null', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'weir-native-')), 'file')
    writeFileSync(file, '')
    expect(unpack({ cacheDir: join(file, 'weir'), name: 'x.node', bytes })).toBeNull()
  })
})
