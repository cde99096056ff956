export const PACKET_BYTES = 188
const SYNC = 0x47

/**
 * Finds packets in bytes of any alignment. `onRun` gets stretches of whole packets, each beginning with 0x47; the answer of
 * `push` is how many bytes were in no packet. At most one packet is carried from push to push.
 */
export function createPacketSync(onRun: (bytes: Buffer, from: number, to: number) => void): {
  push(bytes: Buffer): number
  reset(): void
} {
  const carry = new Uint8Array(PACKET_BYTES)
  let carried = 0

  /** Is a packet at `at`, as far as the bytes tell? Out of step its end must be the end of the bytes or another 0x47. */
  function isPacket(bytes: Uint8Array, at: number, inStep: boolean): boolean {
    if (bytes[at] !== SYNC) return false
    const next = at + PACKET_BYTES
    return inStep || next === bytes.length || bytes[next] === SYNC
  }

  function scan(bytes: Buffer, from: number): number {
    let foreign = 0
    let inStep = false
    let at = from
    while (at + PACKET_BYTES <= bytes.length) {
      if (!isPacket(bytes, at, inStep)) {
        inStep = false
        at++
        foreign++
        continue
      }
      let to = at + PACKET_BYTES
      while (to + PACKET_BYTES <= bytes.length && bytes[to] === SYNC) to += PACKET_BYTES
      onRun(bytes, at, to)
      inStep = true
      at = to
    }
    // What is left may be the beginning of a packet.
    while (at < bytes.length && bytes[at] !== SYNC) {
      at++
      foreign++
    }
    carried = bytes.length - at
    carry.set(bytes.subarray(at))
    return foreign
  }

  return {
    push(bytes) {
      if (carried === 0) return scan(bytes, 0)
      const missing = PACKET_BYTES - carried
      if (bytes.length < missing) {
        carry.set(bytes, carried)
        carried += bytes.length
        return 0
      }
      // A datagram that was cut short is not completed by the next one, which begins with a packet of its own.
      const isCut =
        bytes[missing] !== SYNC && missing < bytes.length && bytes[0] === SYNC && bytes[PACKET_BYTES] === SYNC
      const foreign = isCut ? carried : 0
      const joined = Buffer.concat([carry.subarray(0, carried), bytes])
      return foreign + scan(joined, foreign)
    },
    reset() {
      carried = 0
    },
  }
}
