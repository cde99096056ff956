import { readFileSync } from 'node:fs'

/** `sysconf(_SC_CLK_TCK)`: 100 on every Linux that Bun runs on. */
const TICKS_PER_SECOND = 100

export type ProcSample = {
  /** User and system time since the process began, seconds. */
  cpuSeconds: number
  /** Memory that is its own (`RssAnon`), bytes: not the libraries that all children share. */
  memoryBytes: number | null
}

/** Reads what a process uses (proc(5): `stat` fields 14 and 15, `status`); null when it is gone. About 30 microseconds. */
export function readProcSample(pid: number): ProcSample | null {
  try {
    return parseProcSample(readFileSync(`/proc/${pid}/stat`, 'latin1'), readFileSync(`/proc/${pid}/status`, 'latin1'))
  } catch {
    // It ended between two looks.
    return null
  }
}

/** Exported for the test: the name in `stat` may itself hold blanks and brackets. */
export function parseProcSample(stat: string, status: string): ProcSample | null {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // Field 3 (state) is the first behind the name.
  const ticks = Number(fields[11]) + Number(fields[12])
  if (!Number.isFinite(ticks)) return null
  const anonKb = /^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1]
  return { cpuSeconds: ticks / TICKS_PER_SECOND, memoryBytes: anonKb === undefined ? null : Number(anonKb) * 1024 }
}
