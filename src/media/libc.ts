import { dlopen, FFIType } from 'bun:ffi'

const SYMBOLS = {
  memfd_create: { args: [FFIType.ptr, FFIType.u32], returns: FFIType.i32 },
  fcntl: { args: [FFIType.i32, FFIType.i32, FFIType.i32], returns: FFIType.i32 },
  waitpid: { args: [FFIType.i32, FFIType.ptr, FFIType.i32], returns: FFIType.i32 },
} as const

/** glibc first, then the names musl goes by. */
const NAMES = ['libc.so.6', 'libc.musl-x86_64.so.1', 'libc.musl-aarch64.so.1', 'libc.so']

type Libc = ReturnType<typeof dlopen<typeof SYMBOLS>>['symbols']
let loaded: Libc | null = null

/** The few calls of the C library that Bun has no door to; opened when first needed, once for each thread. */
export function libc(): Libc {
  if (loaded) return loaded
  const failures: string[] = []
  for (const name of NAMES) {
    try {
      loaded = dlopen(name, SYMBOLS).symbols
      return loaded
    } catch (cause) {
      failures.push(`${name}: ${cause instanceof Error ? cause.message : cause}`)
    }
  }
  throw new Error(`no C library found (${failures.join('; ')})`)
}
