import { closeSync, writeSync } from 'node:fs'
import { libc } from './libc.ts'

// linux/memfd.h and fcntl.h
const MFD_CLOEXEC = 1
const MFD_ALLOW_SEALING = 2
const F_ADD_SEALS = 1033
const SEAL_ALL = 0xf

/** A secret that waits on a descriptor of its own: in memory only, without a name in any directory. */
export type SecretFd = { readonly fd: number; close(): void }

/**
 * Puts `text` into an anonymous file in memory (memfd_create(2)) that a child can inherit, sealed against any change.
 * The caller closes it once the child is spawned. Throws where the kernel has no memfd.
 */
export function openSecretFd(text: string): SecretFd {
  const bytes = new TextEncoder().encode(text)
  const fd = libc().memfd_create(new TextEncoder().encode('weir\0'), MFD_CLOEXEC | MFD_ALLOW_SEALING)
  if (fd < 0) throw new Error('memfd_create failed')
  try {
    // At a position: the offset stays at the start for whoever reads it as a stream.
    const written = writeSync(fd, bytes, 0, bytes.length, 0)
    if (written !== bytes.length) throw new Error('memfd was written in part')
    if (libc().fcntl(fd, F_ADD_SEALS, SEAL_ALL) !== 0) throw new Error('memfd could not be sealed')
  } catch (cause) {
    closeSync(fd)
    throw cause
  }
  return { fd, close: () => closeSync(fd) }
}
