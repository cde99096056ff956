import { dlopen, type FFIFunction, type Library } from 'bun:ffi'

/** glibc's name, then musl's. */
const NAMES = ['libc.so.6', 'libc.musl-x86_64.so.1', 'libc.musl-aarch64.so.1', 'libc.so']

/**
 * The C library's functions that Bun has no words for.
 * @throws Error when no C library of a known name can be opened.
 */
export function openLibc<S extends Record<string, FFIFunction>>(symbols: S): Library<S>['symbols'] {
  for (const name of NAMES) {
    try {
      return dlopen(name, symbols).symbols
    } catch {
      // Not this libc; the next name is tried, and all failing is the error below.
    }
  }
  throw new Error('no C library found for bun:ffi')
}
