const MAX_HEAD_BYTES = 16 * 1024
const MAX_BODY_BYTES = 64 * 1024
/** Begins an interleaved frame: `$`, a channel, two bytes of length (RFC 2326 section 10.12). */
const DOLLAR = 0x24
const FRAME_HEADER_BYTES = 4
const HEAD_END = Buffer.from('\r\n\r\n')

/**
 * Takes one direction of an RTSP connection apart: whole messages (head and body), and everything interleaved as it
 * came, in as few pieces as possible. `push` throws for what is no RTSP.
 */
export function createRtspSplitter(to: { message(bytes: Buffer): void; data(bytes: Buffer): void }) {
  let carry: Buffer = Buffer.alloc(0)
  let frameLeft = 0

  return {
    push(chunk: Uint8Array): void {
      const bytes =
        carry.length > 0 ? Buffer.concat([carry, chunk]) : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
      let at = 0
      let dataFrom = 0
      const flush = () => {
        if (at > dataFrom) to.data(bytes.subarray(dataFrom, at))
      }
      while (at < bytes.length) {
        if (frameLeft > 0) {
          const part = Math.min(frameLeft, bytes.length - at)
          at += part
          frameLeft -= part
        } else if (bytes[at] === DOLLAR) {
          if (bytes.length - at < FRAME_HEADER_BYTES) break
          frameLeft = FRAME_HEADER_BYTES + bytes.readUInt16BE(at + 2)
        } else {
          const end = endOfMessage(bytes, at)
          if (end === null) break
          flush()
          to.message(bytes.subarray(at, end))
          at = end
          dataFrom = at
        }
      }
      flush()
      carry = Buffer.from(bytes.subarray(at))
    },
  }
}

/** Where the message that begins at `at` ends; null while it is not all there. */
function endOfMessage(bytes: Buffer, at: number): number | null {
  const headEnd = bytes.indexOf(HEAD_END, at)
  if (headEnd < 0) {
    if (bytes.length - at > MAX_HEAD_BYTES) throw new Error('what came is no RTSP')
    return null
  }
  const length = Number(/^content-length:\s*(\d+)\s*$/im.exec(bytes.toString('latin1', at, headEnd))?.[1] ?? 0)
  if (length > MAX_BODY_BYTES) throw new Error('an RTSP message is too long')
  const end = headEnd + HEAD_END.length + length
  return end <= bytes.length ? end : null
}
