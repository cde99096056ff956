import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * A new directory that only this user can enter (mkdtemp makes it 0700), for Unix sockets. Not below the data directory:
 * a socket's address holds 108 bytes (sun_path of unix(7)), a data directory's path may be longer.
 */
export function openRunDir(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'weir-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}
