import type { OutputFigures } from '../actual.ts'
import type { OutputSpec } from '../specs.ts'
import type { Listener } from './output-listener.ts'
import type { Run } from './run.ts'

/** What one output has sent over all its children since the last start by a person or the server. */
export function createTally() {
  let bytes = 0
  let skips = 0
  /** A child from before that start, which may still be leaving: what it sends counts no more. */
  let old: Run | null = null

  return {
    startAnew(current: Run | null): void {
      bytes = 0
      skips = 0
      old = current
    },
    /** Takes over what a child has sent once it is gone. */
    close(run: Run, nowMs: number): void {
      if (run !== old) {
        const figures = run.figures(nowMs)
        bytes += figures.bytes
        skips += figures.skips
      }
      old = null
    },
    /** What a listener sends is what leaves to its callers, not what its child writes. */
    figures(spec: OutputSpec, run: Run | null, listener: Listener | null, nowMs: number): OutputFigures {
      const now = run?.figures(nowMs) ?? null
      const counted = run === old ? null : now
      const served = listener?.callers ? listener.figures() : null
      // FFmpeg runs on for the receivers to come; what it does then is nobody's.
      const isIdle = listener?.callers?.length === 0
      return {
        id: spec.id,
        inputId: spec.inputId,
        bitrateKbps: served ? served.bitrateKbps : (now?.bitrateKbps ?? null),
        fps: isIdle ? null : (now?.fps ?? null),
        bytesTotal: served ? served.bytes : bytes + (counted?.bytes ?? 0),
        uptimeSeconds: now?.uptimeSeconds ?? null,
        speed: isIdle ? null : (now?.speed ?? null),
        dropFrames: now?.dropFrames ?? null,
        skips: skips + (counted?.skips ?? 0),
        cpuPercent: now?.cpuPercent ?? null,
        memoryBytes: now?.memoryBytes ?? null,
        callers: served?.callers ?? [],
      }
    },
  }
}
