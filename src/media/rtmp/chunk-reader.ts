import { RtmpError } from './rtmp-error.ts'

/** One whole RTMP message. `payload` is its receiver's to keep. */
export type RtmpMessage = { type: number; streamId: number; timestampMs: number; payload: Uint8Array }

export type ChunkLimits = {
  /** Longest message. */
  messageBytes: number
  /** Declared length of all messages that are not whole yet. */
  unfinishedBytes: number
}

export type ChunkReader = {
  /** Takes what came and calls `onMessage` for each message that is whole now. @throws RtmpError */
  push(bytes: Uint8Array): void
  limit(limits: ChunkLimits): void
  /** No further message is given out, not even of what was pushed already. */
  stop(): void
}

type ChunkStream = {
  timestampMs: number
  deltaMs: number
  /** The extended timestamp field as it stood in the last header, null where there was none. */
  extended: number | null
  length: number
  type: number
  streamId: number
  payload: Uint8Array | null
  filled: number
}

export const SET_CHUNK_SIZE = 1
export const ABORT = 2

/** RTMP 1.0, 5.4.1: what holds until it is changed. */
const DEFAULT_CHUNK_BYTES = 128
/** Encoders use about five; each costs a little memory. */
const MAX_CHUNK_STREAMS = 64
const HEADER_BYTES = [11, 7, 3, 0] as const
const EXTENDED = 0xffffff

/**
 * Puts the messages of a connection together from their chunks (RTMP 1.0, 5.3), which may come in any pieces and any
 * order. Chunk size and abort (5.4.1, 5.4.2) are obeyed here, all else is given out. Holds no more than its limits say.
 */
export function createChunkReader(deps: { limits: ChunkLimits; onMessage(message: RtmpMessage): void }): ChunkReader {
  let { limits } = deps
  const streams = new Map<number, ChunkStream>()
  let chunkBytes = DEFAULT_CHUNK_BYTES
  let unfinishedBytes = 0
  let stopped = false
  /** A header that is not whole yet, at most 18 bytes. */
  let rest: Uint8Array = new Uint8Array(0)
  let current: ChunkStream | null = null
  let chunkLeft = 0

  /** Reads the header of a chunk; answers its length, or null where more bytes are needed. */
  function header(bytes: Uint8Array, start: number): number | null {
    let at = start
    const has = (size: number) => bytes.length - at >= size
    if (!has(1)) return null
    const first = bytes[at++] as number
    const format = (first >> 6) as 0 | 1 | 2 | 3
    let id = first & 0x3f
    if (id < 2) {
      const size = id + 1
      if (!has(size)) return null
      id = 64 + (bytes[at] as number) + (size === 2 ? 256 * (bytes[at + 1] as number) : 0)
      at += size
    }
    const size = HEADER_BYTES[format]
    if (!has(size)) return null
    const known = streams.get(id)
    if (!known && format !== 0) throw new RtmpError('a chunk stream begins in its middle')
    if (!known && streams.size >= MAX_CHUNK_STREAMS) throw new RtmpError('too many chunk streams')
    const stream = known ?? newStream()
    const isNew = stream.payload === null
    // A whole header amid a message begins another: RTMP has no other way to say so.
    if (!isNew && format !== 3) drop(stream)

    const field = format === 3 ? 0 : uint24(bytes, at)
    const isExtended = format === 3 ? stream.extended !== null : field === EXTENDED
    let extended = stream.extended
    let extendedBytes = 0
    if (isExtended) {
      if (bytes.length - at < size + 4) return null
      const value = uint32(bytes, at + size)
      // 5.3.1.3 has it in each chunk of a message; some encoders leave it out of the further ones.
      if (format !== 3 || value === stream.extended) {
        extended = value
        extendedBytes = 4
      }
    } else extended = null

    if (format < 2) {
      stream.length = uint24(bytes, at + 3)
      stream.type = bytes[at + 6] as number
    }
    // The one little-endian number of RTMP (5.3.1.2.1).
    if (format === 0) stream.streamId = uint32le(bytes, at + 7)
    if (format !== 3) {
      stream.extended = extended
      stream.deltaMs = extended ?? field
    }
    if (stream.payload === null) {
      stream.timestampMs = format === 0 ? stream.deltaMs : (stream.timestampMs + stream.deltaMs) >>> 0
      begin(stream)
    }
    streams.set(id, stream)
    current = stream
    chunkLeft = Math.min(chunkBytes, stream.length - stream.filled)
    return at + size + extendedBytes - start
  }

  function begin(stream: ChunkStream): void {
    if (stream.length > limits.messageBytes) throw new RtmpError(`a message of ${stream.length} bytes is too long`)
    unfinishedBytes += stream.length
    if (unfinishedBytes > limits.unfinishedBytes) throw new RtmpError('too much is sent at the same time')
    stream.payload = new Uint8Array(stream.length)
    stream.filled = 0
  }

  function drop(stream: ChunkStream): void {
    if (!stream.payload) return
    unfinishedBytes -= stream.length
    stream.payload = null
  }

  /** Moves what belongs to the open chunk; answers how many bytes. */
  function body(stream: ChunkStream, bytes: Uint8Array, start: number): number {
    const part = bytes.subarray(start, start + chunkLeft)
    stream.payload?.set(part, stream.filled)
    stream.filled += part.length
    chunkLeft -= part.length
    if (chunkLeft > 0) return part.length
    current = null
    if (stream.payload && stream.filled === stream.length) {
      const { type, streamId, timestampMs, payload } = stream
      drop(stream)
      heard({ type, streamId, timestampMs, payload })
    }
    return part.length
  }

  function heard(message: RtmpMessage): void {
    if (message.type === SET_CHUNK_SIZE) {
      const size = message.payload.length >= 4 ? uint32(message.payload, 0) : 0
      // The first bit must be zero (5.4.1).
      if (size < 1 || size > 0x7fffffff) throw new RtmpError('a chunk size that cannot be')
      chunkBytes = size
    } else if (message.type === ABORT) {
      const stream = message.payload.length >= 4 ? streams.get(uint32(message.payload, 0)) : undefined
      if (stream) drop(stream)
    } else deps.onMessage(message)
  }

  return {
    push(bytes) {
      const input = rest.length > 0 ? Buffer.concat([rest, bytes]) : bytes
      let at = 0
      while (!stopped) {
        if (current) {
          at += body(current, input, at)
          if (current) break
          continue
        }
        const taken = header(input, at)
        if (taken === null) break
        at += taken
        // A message without a body is whole with its header.
        if (chunkLeft === 0 && current) body(current, input, at)
      }
      // A copy, so that a few bytes do not keep the whole of what came.
      rest = stopped ? new Uint8Array(0) : new Uint8Array(input.subarray(at))
    },
    limit(next) {
      limits = next
    },
    stop() {
      stopped = true
    },
  }
}

const newStream = (): ChunkStream => ({
  timestampMs: 0,
  deltaMs: 0,
  extended: null,
  length: 0,
  type: 0,
  streamId: 0,
  payload: null,
  filled: 0,
})

function uint24(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number)
}

export function uint32(bytes: Uint8Array, at: number): number {
  return ((uint24(bytes, at) << 8) | (bytes[at + 3] as number)) >>> 0
}

function uint32le(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(at, at + 4)
  return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0
}
