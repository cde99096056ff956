import { readFileSync, statfsSync } from 'node:fs'
import { availableParallelism, cpus, freemem, loadavg, totalmem } from 'node:os'
import type { Clock } from '../lib/clock.ts'

const SAMPLE_MS = 5000

export type HostFigures = {
  cpu_count: number
  /** Over the last 5 s, of all cores together; null until the first sample. */
  cpu_percent: number | null
  load: number[]
  memory_total_bytes: number
  memory_available_bytes: number
  disk_total_bytes: number
  disk_free_bytes: number
}
export type ProcessFigures = {
  /** Of one core; includes Weir's threads, not its FFmpegs. */
  cpu_percent: number | null
  memory_bytes: number
  /** What the kernel cannot drop: counts against a small machine, unlike mapped pages of the program. */
  memory_anonymous_bytes: number | null
}

export type Figures = { host(): HostFigures; process(): ProcessFigures; stop(): void }

/** Figures of the machine and of this process. Rates come from one sample every 5 s, however many ask. */
export function createFigures(o: { dir: string; clock: Clock; onSample(): void }): Figures {
  let hostCpu: number | null = null
  let processCpu: number | null = null
  let last = sample(o.clock)

  const stop = o.clock.every(SAMPLE_MS, () => {
    const next = sample(o.clock)
    const total = next.hostTotal - last.hostTotal
    hostCpu = total > 0 ? toPercent((next.hostBusy - last.hostBusy) / total) : null
    processCpu = toPercent((next.processMicros - last.processMicros) / ((next.at - last.at) * 1000))
    last = next
    o.onSample()
  })

  return {
    host() {
      const disk = statfsSync(o.dir)
      return {
        cpu_count: availableParallelism(),
        cpu_percent: hostCpu,
        load: loadavg().map((n) => Math.round(n * 100) / 100),
        memory_total_bytes: totalmem(),
        memory_available_bytes: freemem(),
        disk_total_bytes: disk.blocks * disk.bsize,
        disk_free_bytes: disk.bavail * disk.bsize,
      }
    },
    process() {
      return {
        cpu_percent: processCpu,
        memory_bytes: process.memoryUsage.rss(),
        memory_anonymous_bytes: anonymousBytes(),
      }
    },
    stop,
  }
}

function sample(clock: Clock) {
  let hostBusy = 0
  let hostTotal = 0
  for (const { times } of cpus()) {
    const busy = times.user + times.nice + times.sys + times.irq
    hostBusy += busy
    hostTotal += busy + times.idle
  }
  const { user, system } = process.cpuUsage()
  return { at: clock.now(), hostBusy, hostTotal, processMicros: user + system }
}

function toPercent(part: number): number {
  return Math.round(part * 1000) / 10
}

/** `RssAnon` of proc_pid_status(5); null where there is no /proc. */
function anonymousBytes(): number | null {
  try {
    const match = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))
    return match ? Number(match[1]) * 1024 : null
  } catch {
    // Not Linux: the figure is simply not known.
    return null
  }
}
