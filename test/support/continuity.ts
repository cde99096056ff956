const PACKET = 188
const NULL_PID = 0x1fff

export type ContinuityCounter = {
  push(bytes: Uint8Array): void
  packets(): number
  errors(): ReadonlyMap<number, number>
}

/**
 * Counts continuity errors as a receiver sees them (ISO 13818-1 2.4.3.3): the counter of a PID grows by one with each
 * packet that has a payload; one repeat is a duplicate; a discontinuity indicator excuses a jump; null packets do not
 * count. Written apart from the reader of the server, so that the one checks the other.
 */
export function createContinuityCounter(): ContinuityCounter {
  const last = new Map<number, { counter: number; repeated: boolean }>()
  const errors = new Map<number, number>()
  let packets = 0
  const wrong = (pid: number) => errors.set(pid, (errors.get(pid) ?? 0) + 1)

  const take = (b: Uint8Array, at: number) => {
    packets++
    const pid = ((b[at + 1]! & 0x1f) << 8) | b[at + 2]!
    if (b[at] !== 0x47) return void wrong(-1)
    if (pid === NULL_PID) return
    const control = b[at + 3]! >> 4
    const counter = b[at + 3]! & 0x0f
    const excused = (control & 2) !== 0 && b[at + 4]! > 0 && (b[at + 5]! & 0x80) !== 0
    const before = last.get(pid)
    if ((control & 1) === 0) return
    if (before && !excused) {
      if (counter === before.counter && !before.repeated) return void last.set(pid, { counter, repeated: true })
      if (counter !== ((before.counter + 1) & 0x0f)) wrong(pid)
    }
    last.set(pid, { counter, repeated: false })
  }

  return {
    push(bytes) {
      for (let at = 0; at + PACKET <= bytes.byteLength; at += PACKET) take(bytes, at)
      if (bytes.byteLength % PACKET !== 0) wrong(-1)
    },
    packets: () => packets,
    errors: () => errors,
  }
}
