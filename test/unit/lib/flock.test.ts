import { expect, test } from 'bun:test'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lockFile } from '../../../src/lib/flock.ts'

test('the second one is told who holds the lock, and gets it after the release', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'weir-lock-')), 'lock')
  const first = lockFile(path)
  if (!first.ok) throw new Error('a new file is free')
  expect(readFileSync(path, 'utf8')).toBe(`${process.pid}\n`)
  expect(lockFile(path)).toEqual({ ok: false, holderPid: process.pid })
  first.release()
  const second = lockFile(path)
  expect(second.ok).toBe(true)
  if (second.ok) second.release()
})
