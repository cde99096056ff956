/** What a receiver of a transport stream would complain about; written apart from the code under test. */
export type TsReport = {
  packets: number
  continuityErrors: number
  /** Decoding times that repeat or step back, of any PID. */
  dtsBack: number
  clockBack: number
  /** Clock references later than the decoding time of their own picture. */
  clockLate: number
  /** Access units that are marked as points to start at. */
  keyframes: number
  /** Keyframes of the first stream whose packet does not follow a PAT and a PMT. */
  bareKeyframes: number
  pids: Set<number>
  /** Decoding times by PID, in ticks, as written. */
  dts: Map<number, number[]>
}

export function checkTs(bytes: Uint8Array, firstPid = 0x100): TsReport {
  const report: TsReport = {
    packets: 0,
    continuityErrors: 0,
    dtsBack: 0,
    clockBack: 0,
    clockLate: 0,
    keyframes: 0,
    bareKeyframes: 0,
    pids: new Set(),
    dts: new Map(),
  }
  const counters = new Map<number, number>()
  let lastClock = Number.NEGATIVE_INFINITY
  let before: number[] = []
  for (let at = 0; at < bytes.length; at += 188) {
    const p = bytes.subarray(at, at + 188)
    if (p.length !== 188 || p[0] !== 0x47) throw new Error(`no packet at ${at}`)
    report.packets++
    const pid = ((b(p, 1) & 31) << 8) | b(p, 2)
    report.pids.add(pid)
    const last = counters.get(pid)
    if (last !== undefined && (b(p, 3) & 15) !== ((last + 1) & 15)) report.continuityErrors++
    counters.set(pid, b(p, 3) & 15)
    const adaptation = b(p, 3) & 0x20 ? 1 + b(p, 4) : 0
    const flags = adaptation > 1 ? b(p, 5) : 0
    let clock: number | null = null
    if (flags & 0x10) {
      clock = b(p, 6) * 2 ** 25 + (b(p, 7) << 17) + (b(p, 8) << 9) + (b(p, 9) << 1) + (b(p, 10) >> 7)
      if (clock < lastClock) report.clockBack++
      lastClock = clock
    }
    if (b(p, 1) & 0x40 && pid !== 0 && pid !== 0x1000) {
      const h = p.subarray(4 + adaptation)
      if (h[0] !== 0 || h[1] !== 0 || h[2] !== 1) throw new Error(`no PES at ${at}`)
      const dts = b(h, 7) & 0x40 ? stamp(h, 14) : stamp(h, 9)
      const list = report.dts.get(pid) ?? []
      if (list.length > 0 && dts <= (list.at(-1) as number)) report.dtsBack++
      list.push(dts)
      report.dts.set(pid, list)
      if (clock !== null && clock > dts) report.clockLate++
      if (pid === firstPid && flags & 0x40) {
        report.keyframes++
        if (before[0] !== 0 || before[1] !== 0x1000) report.bareKeyframes++
      }
    }
    before = [...before.slice(-1), pid]
  }
  return report
}

function b(bytes: Uint8Array, at: number): number {
  return bytes[at] as number
}

function stamp(h: Uint8Array, at: number): number {
  return (
    ((b(h, at) >> 1) & 7) * 2 ** 30 +
    (b(h, at + 1) << 22) +
    ((b(h, at + 2) >> 1) << 15) +
    (b(h, at + 3) << 7) +
    (b(h, at + 4) >> 1)
  )
}
