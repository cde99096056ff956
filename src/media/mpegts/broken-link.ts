const CRA_NUT = 21
const BLA_N_LP = 18

/**
 * HEVC's open keyframes (CRA) number their pictures on from the one before; a copy of one, or one without what came
 * before it, breaks that count. Named a broken link (BLA), the same picture begins a new count (ITU-T H.265, 8.1.3 and
 * table 7-1: both have the same slice header).
 */
export function toBrokenLink(unit: Uint8Array): Uint8Array {
  const data = unit.slice()
  for (let at = data.indexOf(1, 2); at >= 0; at = data.indexOf(1, at + 1)) {
    if (data[at - 1] !== 0 || data[at - 2] !== 0) continue
    const header = data[at + 1] ?? 0
    if (((header >> 1) & 0x3f) === CRA_NUT) data[at + 1] = (header & 0x81) | (BLA_N_LP << 1)
  }
  return data
}
