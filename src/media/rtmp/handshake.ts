import { randomBytes } from 'node:crypto'
import { RtmpError } from './rtmp-error.ts'

/** The only version there is a specification of (RTMP 1.0, 5.2.2); 6 is the encrypted one of Adobe's. */
const VERSION = 3
const PACKET_BYTES = 1536

export type Handshake = {
  /** Takes what came; answers what of it belongs no longer to the handshake, null while that is not over. @throws RtmpError */
  push(bytes: Uint8Array): Uint8Array | null
}

/**
 * The server's side of the plain handshake (RTMP 1.0, 5.2): S0, S1 and S2 once C1 is whole, then C2 is let pass. The
 * digests that Adobe's own programs add are not asked for, and the zeros in S1 say so.
 */
export function createHandshake(send: (bytes: Uint8Array) => void): Handshake {
  const hello = new Uint8Array(1 + PACKET_BYTES)
  let helloBytes = 0
  let echoLeft = PACKET_BYTES

  function answer(): void {
    const out = new Uint8Array(1 + 2 * PACKET_BYTES)
    out[0] = VERSION
    out.set(randomBytes(PACKET_BYTES - 8), 1 + 8)
    out.set(hello.subarray(1), 1 + PACKET_BYTES)
    send(out)
  }

  return {
    push(bytes) {
      let at = 0
      if (helloBytes < hello.length) {
        const part = bytes.subarray(0, hello.length - helloBytes)
        hello.set(part, helloBytes)
        helloBytes += part.length
        at = part.length
        if (helloBytes > 0 && hello[0] !== VERSION) throw new RtmpError('this is not RTMP')
        if (helloBytes < hello.length) return null
        answer()
      }
      const echo = Math.min(echoLeft, bytes.length - at)
      echoLeft -= echo
      return echoLeft > 0 ? null : bytes.subarray(at + echo)
    },
  }
}
