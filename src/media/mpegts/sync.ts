export const PACKET_BYTES = 188
const SYNC = 0x47
/** Out of step so many sync bytes in a row are believed; noise has fewer. */
const ROW = 3

/**
 * Finds packets in bytes of any alignment. `onRun` gets stretches of whole packets, each beginning with 0x47; the answer of
 * `push` is how many bytes were in no packet. At most three packets are carried from push to push.
 */
export function createPacketSync(onRun: (bytes: Buffer, from: number, to: number) => void): {
  push(bytes: Buffer): number
  reset(): void
} {
  const carry = new Uint8Array(ROW * PACKET_BYTES)
  let carried = 0
  let inStep = false

  /** Does a row of packets begin at `at`? Null where the bytes end too soon to tell. */
  function isRow(bytes: Uint8Array, at: number, from: number): boolean | null {
    for (let i = 1; i < ROW; i++) {
      const next = at + i * PACKET_BYTES
      // Bytes that are a packet or two and nothing else: a short datagram.
      if (next === bytes.length && at === from) return true
      if (next >= bytes.length) return null
      if (bytes[next] !== SYNC) return false
    }
    return true
  }

  function scan(bytes: Buffer, from: number): number {
    let foreign = 0
    let at = from
    while (at < bytes.length) {
      if (inStep && bytes[at] === SYNC) {
        let to = at
        while (to + PACKET_BYTES <= bytes.length && bytes[to] === SYNC) to += PACKET_BYTES
        if (to === at) break
        onRun(bytes, at, to)
        at = to
        continue
      }
      const row = bytes[at] === SYNC && isRow(bytes, at, from)
      if (row === null) break
      inStep = row
      if (row) continue
      at++
      foreign++
    }
    carried = bytes.length - at
    if (carried > 0) carry.set(bytes.subarray(at))
    return foreign
  }

  return {
    push(bytes) {
      if (carried === 0) return scan(bytes, 0)
      const missing = PACKET_BYTES - carried
      // A datagram that was cut short is not completed by the next one, which begins with a packet of its own.
      const isCut =
        inStep && missing < bytes.length && bytes[missing] !== SYNC && bytes[0] === SYNC && bytes[PACKET_BYTES] === SYNC
      const cut = isCut ? carried : 0
      return cut + scan(Buffer.concat([carry.subarray(0, carried), bytes]), cut)
    },
    reset() {
      carried = 0
      inStep = false
    },
  }
}
