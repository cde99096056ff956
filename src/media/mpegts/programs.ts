import { createSectionAssembler, isSound, type Pmt, parsePat, parsePmt, type SectionAssembler } from './psi.ts'

export const PAT_PID = 0
/** More programs than any real multiplex has; keeps a hostile PAT from growing us. */
const MAX_PROGRAMS = 128

export type Program = { number: number; pmtPid: number; pmt: Pmt | null }

export type Programs = {
  /** A payload of `PAT_PID` or of the PMT PID of a program in `list()`. */
  push(pid: number, bytes: Uint8Array, from: number, to: number, unitStart: boolean, lost: boolean): void
  list(): Program[]
  /** The asked program, else the first of the PAT; null until it is in the PAT. */
  chosen(): Program | null
  reset(): void
}

type Entry = Program & { section: Uint8Array | null }

/** Follows PAT and PMTs. `onChange` is called when the list or a PMT became another; repeats cost one comparison. */
export function createPrograms(o: { program: number | null; onChange(): void }): Programs {
  const assemblers = new Map<number, SectionAssembler>()
  /** Sections of the newest PAT by section number. */
  const pat = new Map<number, { section: Uint8Array; entries: Entry[] }>()
  let patIdentity = -1
  let entries: Entry[] = []

  function onPat(section: Uint8Array): void {
    const index = section[6] as number
    const last = pat.get(index)
    if ((last && isSame(last.section, section)) || !isSound(section, 0x00)) return
    // Another version or transport stream makes the older sections void.
    const identity = (((section[3] as number) << 8) | (section[4] as number)) * 32 + ((section[5] as number) >> 1)
    if (identity !== patIdentity) pat.clear()
    patIdentity = identity
    const known = entries
    pat.set(index, {
      section: section.slice(),
      entries: parsePat(section).map(
        ({ number, pmtPid }) =>
          known.find((entry) => entry.number === number && entry.pmtPid === pmtPid) ?? {
            number,
            pmtPid,
            pmt: null,
            section: null,
          },
      ),
    })
    entries = [...pat.entries()]
      .sort(([a], [b]) => a - b)
      .flatMap(([, part]) => part.entries)
      .slice(0, MAX_PROGRAMS)
    for (const pid of assemblers.keys()) {
      if (pid !== PAT_PID && !entries.some((entry) => entry.pmtPid === pid)) assemblers.delete(pid)
    }
    o.onChange()
  }

  function onPmt(pid: number, section: Uint8Array): void {
    const number = ((section[3] ?? 0) << 8) | (section[4] ?? 0)
    const entry = entries.find((candidate) => candidate.number === number && candidate.pmtPid === pid)
    if (!entry || (entry.section && isSame(entry.section, section)) || !isSound(section, 0x02)) return
    entry.section = section.slice()
    entry.pmt = parsePmt(section)
    o.onChange()
  }

  return {
    push(pid, bytes, from, to, unitStart, lost) {
      let assembler = assemblers.get(pid)
      if (!assembler) {
        assembler = createSectionAssembler(pid === PAT_PID ? onPat : (section) => onPmt(pid, section))
        assemblers.set(pid, assembler)
      }
      assembler.push(bytes, from, to, unitStart, lost)
    },
    list: () => entries,
    chosen: () => (o.program === null ? entries[0] : entries.find((entry) => entry.number === o.program)) ?? null,
    reset() {
      assemblers.clear()
      pat.clear()
      patIdentity = -1
      entries = []
    },
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
