import { readdirSync, readlinkSync } from 'node:fs'
import { FFIType, ptr } from 'bun:ffi'
import { openLibc } from '../../lib/libc.ts'

/** Where datagrams come from; the same object as long as they come from one place. */
export type Sender = { readonly address: string; readonly port: number }

export type DatagramReader = {
  /**
   * Hands over what waits at the socket, oldest first; false where that had no end. The bytes are on loan: others come to the
   * same memory.
   */
  drain(take: (bytes: Buffer, sender: Sender) => void): boolean
}

// Linux, sys/epoll.h and bits/socket.h
const EPOLL_CTL_DEL = 2
const MSG_DONTWAIT = 0x40
const AF_INET6 = 10

/** Datagrams for each call of the kernel. */
const BATCH = 32
/** More than the receive buffer holds, so most of it has come while it was being read: the others have their turn. */
const MAX_BATCHES = 128
const MAX_DATAGRAM_BYTES = 65_536
/** sockaddr_in6 (ipv6(7)); that of IPv4 has 16. */
const NAME_BYTES = 28
const NAME_WORDS = NAME_BYTES / 4
/** struct mmsghdr of 64-bit machines (recvmmsg(2)): name, its length, pieces, their count, ..., and at 56 the length received. */
const HEADER_BYTES = 64

let loaded: ReturnType<typeof open> | null = null

/** The memory that datagrams are read into, one for each thread; only what is used of it is ever there. */
function open() {
  const calls = openLibc({
    epoll_ctl: { args: [FFIType.i32, FFIType.i32, FFIType.i32, FFIType.ptr], returns: FFIType.i32 },
    recvmmsg: {
      args: [FFIType.i32, FFIType.ptr, FFIType.u32, FFIType.i32, FFIType.ptr],
      returns: FFIType.i32,
    },
    inet_ntop: { args: [FFIType.i32, FFIType.ptr, FFIType.ptr, FFIType.u32], returns: FFIType.ptr },
  })
  const data = Buffer.from(new ArrayBuffer(BATCH * MAX_DATAGRAM_BYTES))
  const names = Buffer.from(new ArrayBuffer(BATCH * NAME_BYTES))
  const pieces = new BigUint64Array(new ArrayBuffer(BATCH * 16))
  const headers = new DataView(new ArrayBuffer(BATCH * HEADER_BYTES))
  const [dataAt, namesAt, piecesAt] = [ptr(data), ptr(names), ptr(pieces)]
  for (let i = 0; i < BATCH; i++) {
    pieces.set([BigInt(dataAt + i * MAX_DATAGRAM_BYTES), BigInt(MAX_DATAGRAM_BYTES)], 2 * i)
    headers.setBigUint64(i * HEADER_BYTES, BigInt(namesAt + i * NAME_BYTES), true)
    headers.setBigUint64(i * HEADER_BYTES + 16, BigInt(piecesAt + i * 16), true)
    headers.setBigUint64(i * HEADER_BYTES + 24, 1n, true)
  }
  return {
    calls,
    names,
    nameWords: new Uint32Array(names.buffer),
    // Kept here too, for the kernel's addresses keep nothing alive.
    pieces,
    headers: new Uint32Array(headers.buffer),
    headersAt: ptr(headers),
    data,
    /** The datagrams of the last call, each a view that is used again by one of the same length. */
    views: Array.from({ length: BATCH }, () => Buffer.alloc(0)),
    epollFd: -1,
  }
}

/**
 * Reads a bound UDP socket of this thread in batches whenever it is asked, instead of at once and one by one as Bun does: a
 * datagram costs a third (measured: 2.4 against 7 µs with fifty feeds). The socket stays Bun's, which closes it also when its
 * thread dies. Throws where it cannot be taken out of Bun's loop.
 */
export function openDatagramReader(socketFd: number): DatagramReader {
  loaded ??= open()
  const { calls, headers, headersAt, data, views, nameWords, names } = loaded
  leaveLoop(loaded, socketFd)
  let sender: Sender = { address: '', port: 0 }
  const senderWords = new Uint32Array(NAME_WORDS)

  function senderOf(slot: number): Sender {
    const at = slot * NAME_WORDS
    // Family, port and address; what follows them in a name of IPv4 means nothing.
    const words = ((nameWords[at] as number) & 0xffff) === AF_INET6 ? NAME_WORDS : 2
    let same = 0
    while (same < words && senderWords[same] === nameWords[at + same]) same++
    if (same === words) return sender
    senderWords.set(nameWords.subarray(at, at + words))
    sender = toSender(calls, names, slot * NAME_BYTES)
    return sender
  }

  function viewOf(slot: number, sizeBytes: number): Buffer {
    const view = views[slot] as Buffer
    if (view.length === sizeBytes) return view
    const at = slot * MAX_DATAGRAM_BYTES
    const fresh = data.subarray(at, at + sizeBytes)
    views[slot] = fresh
    return fresh
  }

  return {
    drain(take) {
      for (let batches = 0; batches < MAX_BATCHES; batches++) {
        for (let slot = 0; slot < BATCH; slot++) headers[slot * 16 + 2] = NAME_BYTES
        // Below zero nothing waits, or the kernel has no memory at this moment: the next look tells.
        const count = calls.recvmmsg(socketFd, headersAt, BATCH, MSG_DONTWAIT, null)
        for (let slot = 0; slot < count; slot++) take(viewOf(slot, headers[slot * 16 + 14] as number), senderOf(slot))
        if (count < BATCH) return true
      }
      return false
    },
  }
}

type Open = ReturnType<typeof open>

/** Takes a socket out of the loop of this thread, so that what comes there wakes nobody. */
function leaveLoop(of: Open, socketFd: number): void {
  const leaves = (epollFd: number) => of.calls.epoll_ctl(epollFd, EPOLL_CTL_DEL, socketFd, null) === 0
  if (of.epollFd >= 0 && leaves(of.epollFd)) return
  // The loop of another thread does not know the socket, and says so.
  const epollFd = epollFds().find(leaves)
  if (epollFd === undefined) throw new Error('the loop that watches this socket was not found')
  of.epollFd = epollFd
}

function epollFds(): number[] {
  return readdirSync('/proc/self/fd').flatMap((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`) === 'anon_inode:[eventpoll]' ? [Number(name)] : []
    } catch {
      // Closed by another thread since the listing.
      return []
    }
  })
}

/** Out of a sockaddr_in or sockaddr_in6 at `at`: family in the machine's order, port in the network's, address. */
function toSender(calls: Open['calls'], names: Buffer, at: number): Sender {
  const family = names.readUInt16LE(at)
  const text = Buffer.from(new ArrayBuffer(46))
  calls.inet_ntop(family, ptr(names, at + (family === AF_INET6 ? 8 : 4)), ptr(text), text.length)
  return { address: text.toString('latin1', 0, text.indexOf(0)), port: names.readUInt16BE(at + 2) }
}
