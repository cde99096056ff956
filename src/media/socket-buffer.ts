import { FFIType, ptr } from 'bun:ffi'
import { openLibc } from '../lib/libc.ts'

// Linux, asm-generic/socket.h
const SOL_SOCKET = 1
const SO_SNDBUF = 7
const SO_RCVBUF = 8
const SO_SNDBUFFORCE = 32
const SO_RCVBUFFORCE = 33

let socketOptions: ReturnType<typeof open> | null = null
const open = () =>
  openLibc({
    setsockopt: { args: [FFIType.i32, FFIType.i32, FFIType.i32, FFIType.ptr, FFIType.u32], returns: FFIType.i32 },
    getsockopt: { args: [FFIType.i32, FFIType.i32, FFIType.i32, FFIType.ptr, FFIType.ptr], returns: FFIType.i32 },
  })

/**
 * Asks for a receive buffer and reports what the kernel gave. Past `net.core.rmem_max` only root (CAP_NET_ADMIN) may go,
 * so both ways are tried.
 * @param fd descriptor of the socket
 * @param sizeBytes payload bytes to ask for; the kernel doubles them for its own book-keeping (socket(7))
 * @returns the obtained size in bytes as payload, or null where it cannot be read
 */
export function enlargeReceiveBuffer(fd: number, sizeBytes: number): number | null {
  return enlarge(fd, sizeBytes, SO_RCVBUF, SO_RCVBUFFORCE)
}

/** As `enlargeReceiveBuffer`, for what leaves (`net.core.wmem_max`). */
export function enlargeSendBuffer(fd: number, sizeBytes: number): number | null {
  return enlarge(fd, sizeBytes, SO_SNDBUF, SO_SNDBUFFORCE)
}

function enlarge(fd: number, sizeBytes: number, option: number, force: number): number | null {
  socketOptions ??= open()
  // An ArrayBuffer of its own: the storage of a small typed array may move once its `.buffer` is touched.
  const value = new Int32Array(new ArrayBuffer(4))
  value[0] = sizeBytes
  if (socketOptions.setsockopt(fd, SOL_SOCKET, force, ptr(value), 4) !== 0)
    socketOptions.setsockopt(fd, SOL_SOCKET, option, ptr(value), 4)
  const length = new Uint32Array(new ArrayBuffer(4))
  length[0] = 4
  if (socketOptions.getsockopt(fd, SOL_SOCKET, option, ptr(value), ptr(length)) !== 0) return null
  return (value[0] as number) / 2
}
