/** How well a feed arrives; counted before anything is repaired. Times are monotonic milliseconds, null = never. */
export type FeedHealth = {
  bytesTotal: number
  packets: number
  continuityErrors: number
  /** Bytes that are in no transport packet. */
  foreignBytes: number
  scrambled: number
  transportErrors: number
  lastPacketMs: number | null
  /** Last packet of a stream of the chosen program. */
  lastProgramMs: number | null
  lastKeyframeMs: number | null
  lastAudioMs: number | null
  /** In the last hour, to the minute. */
  continuityErrorsHour(nowMs: number): number
  /** Over the last 2 s, foreign bytes included; null until there are 2 s to look at. */
  bitrateKbps(nowMs: number): number | null
}

export type HealthRecorder = FeedHealth & {
  received(bytes: number, nowMs: number): void
  continuityBroken(nowMs: number): void
  /** So many of the last were none. */
  continuityMended(count: number): void
}

const SLOT_MS = 250
const WINDOW_SLOTS = 8
const MINUTES = 60

export function createHealth(): HealthRecorder {
  const slotBytes = new Float64Array(WINDOW_SLOTS + 1)
  const minuteErrors = new Uint32Array(MINUTES)
  let firstSlot: number | null = null
  let slot = 0
  let minute = 0

  /** Empties what lies between the last slot used and now. */
  function turnSlots(nowMs: number): void {
    const now = Math.floor(nowMs / SLOT_MS)
    if (firstSlot === null) firstSlot = slot = now
    if (now - slot > slotBytes.length) slotBytes.fill(0)
    else for (let s = slot + 1; s <= now; s++) slotBytes[s % slotBytes.length] = 0
    slot = Math.max(slot, now)
  }

  function turnMinutes(nowMs: number): void {
    const now = Math.floor(nowMs / 60_000)
    if (now - minute >= MINUTES) minuteErrors.fill(0)
    else for (let m = minute + 1; m <= now; m++) minuteErrors[m % MINUTES] = 0
    minute = Math.max(minute, now)
  }

  const health: HealthRecorder = {
    bytesTotal: 0,
    packets: 0,
    continuityErrors: 0,
    foreignBytes: 0,
    scrambled: 0,
    transportErrors: 0,
    lastPacketMs: null,
    lastProgramMs: null,
    lastKeyframeMs: null,
    lastAudioMs: null,
    received(bytes, nowMs) {
      turnSlots(nowMs)
      health.bytesTotal += bytes
      slotBytes[slot % slotBytes.length] = (slotBytes[slot % slotBytes.length] as number) + bytes
    },
    continuityBroken(nowMs) {
      turnMinutes(nowMs)
      health.continuityErrors++
      minuteErrors[minute % MINUTES] = (minuteErrors[minute % MINUTES] as number) + 1
    },
    continuityMended(count) {
      health.continuityErrors -= count
      minuteErrors[minute % MINUTES] = Math.max(0, (minuteErrors[minute % MINUTES] as number) - count)
    },
    continuityErrorsHour(nowMs) {
      turnMinutes(nowMs)
      return minuteErrors.reduce((sum, count) => sum + count, 0)
    },
    bitrateKbps(nowMs) {
      if (firstSlot === null) return null
      turnSlots(nowMs)
      if (slot - firstSlot < WINDOW_SLOTS) return null
      // The slot that is still filling is left out.
      const sum = slotBytes.reduce((total, bytes) => total + bytes, 0) - (slotBytes[slot % slotBytes.length] as number)
      return (sum * 8) / (WINDOW_SLOTS * SLOT_MS)
    },
  }
  return health
}
