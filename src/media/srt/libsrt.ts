import { dlopen, FFIType, type Library } from 'bun:ffi'

/** Debian's flavours by their TLS library, then the name that others use; without a version last. */
const NAMES = [
  'libsrt-gnutls.so.1.5',
  'libsrt-openssl.so.1.5',
  'libsrt.so.1.5',
  'libsrt-gnutls.so',
  'libsrt-openssl.so',
  'libsrt.so',
]
/** The statistics that are read have stood where they are since this version (srt.h: fields are only added at the end). */
const MIN_VERSION = 0x010500

const { i32, i64, u32, ptr, cstring } = FFIType
const SYMBOLS = {
  srt_startup: { args: [], returns: i32 },
  srt_getversion: { args: [], returns: u32 },
  srt_setloglevel: { args: [i32], returns: FFIType.void },
  srt_create_socket: { args: [], returns: i32 },
  srt_setsockflag: { args: [i32, i32, ptr, i32], returns: i32 },
  srt_getsockflag: { args: [i32, i32, ptr, ptr], returns: i32 },
  srt_bind: { args: [i32, ptr, i32], returns: i32 },
  srt_listen: { args: [i32, i32], returns: i32 },
  srt_accept: { args: [i32, ptr, ptr], returns: i32 },
  srt_close: { args: [i32], returns: i32 },
  srt_send: { args: [i32, ptr, i32], returns: i32 },
  srt_recv: { args: [i32, ptr, i32], returns: i32 },
  srt_getlasterror: { args: [ptr], returns: i32 },
  srt_getlasterror_str: { args: [], returns: cstring },
  srt_bistats: { args: [i32, ptr, i32, i32], returns: i32 },
  srt_getsndbuffer: { args: [i32, ptr, ptr], returns: i32 },
  srt_epoll_create: { args: [], returns: i32 },
  srt_epoll_add_usock: { args: [i32, i32, ptr], returns: i32 },
  srt_epoll_remove_usock: { args: [i32, i32], returns: i32 },
  srt_epoll_uwait: { args: [i32, ptr, i32, i64], returns: i32 },
} as const

export type Libsrt = Library<typeof SYMBOLS>['symbols']

/** Critical: what goes wrong with a caller is told by the calls themselves. Levels as in syslog.h. */
const LOG_CRIT = 2

/**
 * Haivision's SRT library (libsrt 1.5 or newer), started; null where there is none that can be used. Its code reads what
 * strangers send, so it belongs into a process of its own.
 */
export function openLibsrt(names: readonly string[] = NAMES): Libsrt | null {
  for (const name of names) {
    const symbols = tryOpen(name)
    if (!symbols || symbols.srt_getversion() < MIN_VERSION) continue
    symbols.srt_setloglevel(LOG_CRIT)
    if (symbols.srt_startup() < 0) continue
    return symbols
  }
  return null
}

function tryOpen(name: string): Libsrt | null {
  try {
    return dlopen(name, SYMBOLS).symbols
  } catch {
    // Not on this machine under that name, or without one of the functions: the next name is tried.
    return null
  }
}
