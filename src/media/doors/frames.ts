/** The wire between a media worker and a door: `[u8 type][u32be length][payload]`. */
export const CONTROL = 1
export const MEDIA = 2
const LIMITS: Record<number, number> = { [CONTROL]: 64 * 1024, [MEDIA]: 1024 * 1024 }
const HEADER_BYTES = 5

export type Frame = { type: number; payload: Uint8Array }

/** @throws RangeError for a payload that the other end would not take */
export function toFrame(type: typeof CONTROL | typeof MEDIA, payload: Uint8Array): Uint8Array {
  if (payload.length > (LIMITS[type] ?? 0)) throw new RangeError(`a frame of ${payload.length} bytes is too long`)
  const frame = new Uint8Array(HEADER_BYTES + payload.length)
  frame[0] = type
  new DataView(frame.buffer).setUint32(1, payload.length)
  frame.set(payload, HEADER_BYTES)
  return frame
}

/** Cuts media into payloads that each fit into one frame. */
export function* toMediaPayloads(bytes: Uint8Array): Generator<Uint8Array> {
  const limit = LIMITS[MEDIA] as number
  for (let at = 0; at < bytes.length; at += limit) yield bytes.subarray(at, at + limit)
}

export type FrameReader = {
  /** The next whole frame of what was pushed, null when more is needed. @throws RangeError for what is no frame */
  next(): Frame | null
  push(bytes: Uint8Array): void
}

/** Finds the frames in bytes as they come. Holds what was pushed and not read, so push only after `next` gave null. */
export function createFrameReader(): FrameReader {
  const header = new Uint8Array(HEADER_BYTES)
  let headerBytes = 0
  let partial: Uint8Array | null = null
  let partialBytes = 0
  const queue: Uint8Array[] = []

  /** Moves up to `bytes.length` from the queue into `bytes`. */
  function fill(bytes: Uint8Array): number {
    let at = 0
    while (at < bytes.length && queue[0]) {
      const part = queue[0].subarray(0, bytes.length - at)
      bytes.set(part, at)
      at += part.length
      if (part.length === queue[0].length) queue.shift()
      else queue[0] = queue[0].subarray(part.length)
    }
    return at
  }

  return {
    push(bytes) {
      if (bytes.length > 0) queue.push(bytes)
    },
    next() {
      if (headerBytes < HEADER_BYTES) {
        headerBytes += fill(header.subarray(headerBytes))
        if (headerBytes < HEADER_BYTES) return null
      }
      const type = header[0] as number
      if (!partial) {
        const length = new DataView(header.buffer).getUint32(1)
        if (length > (LIMITS[type] ?? -1)) throw new RangeError(`type ${type} with ${length} bytes is no frame`)
        partial = new Uint8Array(length)
        partialBytes = 0
      }
      partialBytes += fill(partial.subarray(partialBytes))
      if (partialBytes < partial.length) return null
      const frame = { type, payload: partial }
      partial = null
      headerBytes = 0
      return frame
    },
  }
}
