/** Reads bits of an RBSP (ISO 14496-10 7.2): emulation prevention bytes are skipped, past the end come zeros. */
export type BitReader = {
  /** `count` bits (0-32) as an unsigned number. */
  u(count: number): number
  flag(): boolean
  /** Exp-Golomb, ISO 14496-10 9.1. */
  ue(): number
  se(): number
  skip(count: number): void
  /** More bits were asked for than there are: what was read is not to be trusted. */
  overrun(): boolean
}

export function createBitReader(bytes: Uint8Array, start = 0, end = bytes.length): BitReader {
  let at = start
  let zeros = 0
  let current = 0
  let left = 0
  let over = false

  function bit(): number {
    if (left === 0) {
      if (at < end && zeros >= 2 && bytes[at] === 3) {
        at++
        zeros = 0
      }
      if (at < end) current = bytes[at++] as number
      else {
        current = 0
        over = true
      }
      zeros = current === 0 ? zeros + 1 : 0
      left = 8
    }
    left--
    return (current >> left) & 1
  }

  function u(count: number): number {
    let value = 0
    for (let i = 0; i < count; i++) value = value * 2 + bit()
    return value
  }

  function ue(): number {
    let leading = 0
    while (bit() === 0) if (++leading > 31 || over) return 0
    return 2 ** leading - 1 + u(leading)
  }

  return {
    u,
    ue,
    flag: () => bit() === 1,
    se() {
      const k = ue()
      return k % 2 === 1 ? (k + 1) / 2 : -k / 2
    },
    skip(count) {
      for (let i = 0; i < count && !over; i++) bit()
    },
    overrun: () => over,
  }
}
