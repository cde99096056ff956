import { expect, test } from 'bun:test'
import { chmodSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { findProgram } from '../../../src/lib/program.ts'
import { tempDir } from '../../support/temp.ts'

function program(name: string): { dir: string; path: string } {
  const dir = tempDir('program')
  const path = join(dir, name)
  writeFileSync(path, '#!/bin/sh\n')
  chmodSync(path, 0o755)
  return { dir, path }
}

test('the PATH comes first, then the directories of the system', () => {
  const { dir, path } = program('sh')
  expect(findProgram('sh', dir)).toBe(path)
  expect(findProgram('sh', '/nowhere')).toMatch(/^\/(usr\/)?bin\/sh$/)
  expect(findProgram('no-such-program', dir)).toBeNull()
})

test('a path is itself, made absolute', () => {
  const { path } = program('mine')
  expect(findProgram(path)).toBe(path)
  expect(findProgram(`./${relative(process.cwd(), path)}`)).toBe(path)
  expect(findProgram(`${path}-not`)).toBeNull()
})

test('what may not be run is no program', () => {
  const { path } = program('mine')
  chmodSync(path, 0o644)
  expect(findProgram(path)).toBeNull()
})
