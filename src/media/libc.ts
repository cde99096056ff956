import { FFIType } from 'bun:ffi'
import { openLibc } from '../lib/libc.ts'

const SYMBOLS = {
  memfd_create: { args: [FFIType.ptr, FFIType.u32], returns: FFIType.i32 },
  fcntl: { args: [FFIType.i32, FFIType.i32, FFIType.i32], returns: FFIType.i32 },
  waitpid: { args: [FFIType.i32, FFIType.ptr, FFIType.i32], returns: FFIType.i32 },
} as const

let loaded: ReturnType<typeof openLibc<typeof SYMBOLS>> | null = null

/** The few calls of the C library that Bun has no door to; opened when first needed, once for each thread. */
export function libc() {
  loaded ??= openLibc(SYMBOLS)
  return loaded
}
