import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export type NativeFile = {
  /** Holds a hash of the content, so that two versions never share a name; may have folders before it. */
  name: string
  bytes: Uint8Array
  /** Kept there from start to start; where that cannot be, a private temporary file does for this start. */
  cacheDir: string
}

/**
 * Loads an addon that travels inside the binary: the system's loader wants a file. It is written whole or not at all,
 * readable and executable for its owner alone, into a directory that nobody else may write. `libraries` are put beside it
 * first, where its own search path finds them.
 */
export function loadNative(file: NativeFile, libraries: NativeFile[] = []): unknown {
  const load = createRequire(import.meta.url)
  const isCached = [...libraries, file].every((one) => unpack(one) !== null)
  if (isCached) return load(join(file.cacheDir, file.name))
  const dir = mkdtempSync(join(tmpdir(), 'weir-'))
  try {
    for (const { name, bytes } of [...libraries, file]) {
      mkdirSync(dirname(join(dir, name)), { recursive: true, mode: 0o700 })
      writeWhole(join(dir, name), bytes)
    }
    return load(join(dir, file.name))
  } finally {
    // Loaded, it lives on without its name.
    rmSync(dir, { recursive: true })
  }
}

/** The path of the file in the cache directory, or null where that directory cannot be used or trusted. */
export function unpack({ cacheDir, name, bytes }: NativeFile): string | null {
  const path = join(cacheDir, name)
  try {
    const folder = dirname(path)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    if (!isOwn(cacheDir) || !isOwn(folder)) return null
    const present = statSync(path, { throwIfNoEntry: false })
    if (present?.size === bytes.byteLength && isOwn(path)) return path
    const draft = `${path}.${randomBytes(6).toString('hex')}`
    writeWhole(draft, bytes)
    renameSync(draft, path)
    return path
  } catch {
    // A read-only home, a full disk: the temporary file is tried next, and its failure is the one that is told.
    return null
  }
}

function isOwn(path: string): boolean {
  const { uid, mode } = statSync(path)
  return uid === process.getuid?.() && (mode & 0o022) === 0
}

function writeWhole(path: string, bytes: Uint8Array): void {
  const fd = openSync(path, 'wx', 0o500)
  try {
    for (let at = 0; at < bytes.byteLength; ) at += writeSync(fd, bytes, at)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
