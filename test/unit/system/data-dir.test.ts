import { describe, expect, test } from 'bun:test'
import { chmodSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDataDir } from '../../../src/system/data-dir.ts'

const newPath = () => join(mkdtempSync(join(tmpdir(), 'weir-data-')), 'a', 'b')
const open = (dir: string, o: { secretKey?: string; apiKey?: string } = {}) =>
  openDataDir({ dir, secretKey: o.secretKey ?? null, apiKey: o.apiKey ?? null })
const mode = (path: string) => statSync(path).mode & 0o777

describe('openDataDir', () => {
  test('makes directory, keys and name for their owner alone', () => {
    const dir = newPath()
    const data = open(dir)
    expect(mode(dir)).toBe(0o700)
    for (const name of ['instance', 'secret-key', 'api-key', 'lock'])
      expect([name, mode(join(dir, name))]).toEqual([name, 0o600])
    expect(data.secretKey).toHaveLength(43)
    expect(data.apiKeySource).toBe('made')
    expect(data.apiKey).toBe(readFileSync(data.apiKeyFile, 'utf8').trim())
    expect(data.apiKey).toMatch(/^[\w-]{43}$/)
    data.release()
  })

  test('finds everything again', () => {
    const dir = newPath()
    const first = open(dir)
    first.release()
    const second = open(dir)
    expect(second).toMatchObject({ instance: first.instance, apiKey: first.apiKey, apiKeySource: 'file' })
    expect(second.secretKey).toEqual(first.secretKey)
    second.release()
  })

  test('two directories share nothing', () => {
    const [a, b] = [open(newPath()), open(newPath())]
    expect(a.instance).not.toBe(b.instance)
    expect(a.secretKey).not.toEqual(b.secretKey)
    a.release()
    b.release()
  })

  test('given keys win and are written nowhere', () => {
    const dir = newPath()
    const data = open(dir, { apiKey: 'given-api-key', secretKey: 'x'.repeat(32) })
    expect([data.apiKey, data.apiKeySource]).toEqual(['given-api-key', 'env'])
    expect(() => statSync(join(dir, 'api-key'))).toThrow('ENOENT')
    expect(() => statSync(join(dir, 'secret-key'))).toThrow('ENOENT')
    data.release()
    const other = open(dir, { secretKey: 'y'.repeat(32) })
    expect(other.secretKey).not.toEqual(data.secretKey)
    other.release()
  })

  test('who comes second is told who holds it', () => {
    const dir = newPath()
    const data = open(dir)
    expect(() => open(dir)).toThrow(`in use by process ${process.pid}`)
    data.release()
    open(dir).release()
  })

  test('a key that others could read is closed to them', () => {
    const dir = newPath()
    open(dir).release()
    chmodSync(join(dir, 'api-key'), 0o644)
    open(dir).release()
    expect(mode(join(dir, 'api-key'))).toBe(0o600)
  })

  test('an empty key file is made anew, for an empty key would let everyone in', () => {
    const dir = newPath()
    open(dir).release()
    writeFileSync(join(dir, 'api-key'), '\n')
    const data = open(dir)
    expect([data.apiKeySource, data.apiKey.length]).toEqual(['made', 43])
    data.release()
  })

  test('a path that cannot be a directory is said in words, without the path', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'weir-data-')), 'file')
    writeFileSync(file, '')
    expect(() => open(join(file, 'data'))).toThrow('Check DATA_DIR')
  })
})
