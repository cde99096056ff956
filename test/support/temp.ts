import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const made = new Set<string>()
process.on('exit', () => {
  for (const dir of made) rmSync(dir, { recursive: true, force: true })
})

/** A directory of its own that is gone when the test process ends. */
export function tempDir(name: string): string {
  const dir = mkdtempSync(join(tmpdir(), `weir-${name}-`))
  made.add(dir)
  return dir
}
