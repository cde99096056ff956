/** Reads bits of an RBSP (ISO 14496-10 7.2): emulation prevention bytes are skipped, past the end come zeros. */
export type BitReader = {
  /** `count` bits (0-32) as an unsigned number. */
  u(count: number): number
  flag(): boolean
  /** Exp-Golomb, ISO 14496-10 9.1. */
  ue(): number
  se(): number
  skip(count: number): void
  /** How many bits have been read. */
  position(): number
  /** More bits were asked for than there are: what was read is not to be trusted. */
  overrun(): boolean
}

export function createBitReader(bytes: Uint8Array, start = 0, end = bytes.length): BitReader {
  let at = start
  let zeros = 0
  let current = 0
  let left = 0
  let over = false
  let position = 0

  function bit(): number {
    position++
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
    position: () => position,
    overrun: () => over,
  }
}

export type BitWriter = {
  u(value: number, count: number): void
  ue(value: number): void
  se(value: number): void
  /** Ones up to the next whole byte. */
  alignWithOnes(): void
  /** All of `bytes` from bit `from` on. */
  copy(bytes: Uint8Array, from: number): void
  /** What was written, the last byte filled up with zeros. */
  finish(): Uint8Array
}

/** Writes bits of an RBSP of at most `sizeBytes`; emulation prevention is put in afterwards. */
export function createBitWriter(sizeBytes: number): BitWriter {
  const out = new Uint8Array(sizeBytes)
  let at = 0

  function u(value: number, count: number): void {
    for (let i = count - 1; i >= 0; i--, at++)
      if (Math.floor(value / 2 ** i) % 2 === 1) out[at >> 3] = (out[at >> 3] as number) | (0x80 >> (at & 7))
  }

  function ue(value: number): void {
    const bits = Math.floor(Math.log2(value + 1))
    u(0, bits)
    u(value + 1, bits + 1)
  }

  return {
    u,
    ue,
    se: (value) => ue(value > 0 ? 2 * value - 1 : -2 * value),
    alignWithOnes() {
      while (at & 7) u(1, 1)
    },
    copy(bytes, from) {
      const shift = from & 7
      for (let i = from >> 3; i < bytes.length; i++) {
        // Eight bits that may lie across two bytes, written where two bytes may share them as well.
        const pair = ((bytes[i] as number) << 8) | (bytes[i + 1] ?? 0)
        const count = Math.min(8, bytes.length * 8 - (i * 8 + shift))
        const value = (pair >> (8 - shift)) & 0xff
        const place = at >> 3
        out[place] = (out[place] as number) | (value >> (at & 7))
        if (at & 7) out[place + 1] = (value << (8 - (at & 7))) & 0xff
        at += count
      }
    },
    finish: () => out.subarray(0, (at + 7) >> 3),
  }
}

/** Takes emulation prevention out of a NAL (7.4.1). */
export function withoutEscapes(nal: Uint8Array): Uint8Array {
  const out = new Uint8Array(nal.length)
  let size = 0
  let zeros = 0
  for (const byte of nal) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0
      continue
    }
    out[size++] = byte
    zeros = byte === 0 ? zeros + 1 : 0
  }
  return out.subarray(0, size)
}

/** Puts emulation prevention into a NAL (7.4.1). */
export function withEscapes(raw: Uint8Array): Uint8Array {
  const out = new Uint8Array(Math.ceil(raw.length * 1.5) + 1)
  let size = 0
  let zeros = 0
  for (const byte of raw) {
    if (zeros >= 2 && byte <= 3) {
      out[size++] = 3
      zeros = 0
    }
    out[size++] = byte
    zeros = byte === 0 ? zeros + 1 : 0
  }
  return out.subarray(0, size)
}
