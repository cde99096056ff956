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
import { join } from 'node:path'

export type NativeFile = {
  /** Holds a hash of the content, so that two versions never share a name. */
  name: string
  bytes: Uint8Array
  /** Kept there from start to start; where that cannot be, a private temporary file does for this start. */
  cacheDir: string
}

/**
 * Loads an addon that travels inside the binary: the system's loader wants a file. It is written whole or not at all,
 * readable and executable for its owner alone, into a directory that nobody else may write.
 */
export function loadNative(file: NativeFile): unknown {
  const load = createRequire(import.meta.url)
  const cached = unpack(file)
  if (cached !== null) return load(cached)
  const dir = mkdtempSync(join(tmpdir(), 'weir-'))
  try {
    const path = join(dir, file.name)
    writeWhole(path, file.bytes)
    return load(path)
  } finally {
    // Loaded, it lives on without its name.
    rmSync(dir, { recursive: true })
  }
}

/** The path of the file in the cache directory, or null where that directory cannot be used or trusted. */
export function unpack({ cacheDir, name, bytes }: NativeFile): string | null {
  const path = join(cacheDir, name)
  try {
    mkdirSync(cacheDir, { recursive: true, mode: 0o700 })
    if (!isOwn(cacheDir)) return null
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
