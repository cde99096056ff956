import type { ChildExit, LogLine, OutputActual } from '../actual.ts'
import { classifyExit, type ExitContext, type Verdict } from '../ffmpeg/exits.ts'
import type { RunExit } from './run.ts'

const MAX_EXITS = 10

export type End = {
  exit: RunExit
  /** Wall clock. */
  at: number
  /** It was FFmpeg; else a socket of our own. */
  isChild: boolean
  /** It served one caller at a time itself. */
  listened: boolean
} & Pick<ExitContext, 'protocol' | 'hadSent' | 'asked' | 'onAir' | 'stalled'>

export type DescribedEnd = {
  words: string
  /** The one caller of an FFmpeg that listens itself has gone, which is no failure. */
  left: boolean
  exit: Omit<ChildExit, 'next'>
  log: { level: LogLine['level']; text: string }
}

/** What an end of an output's run was, for its table, its history and its log. */
export function describeEnd(end: End): DescribedEnd {
  const { exit, asked, hadSent, stalled } = end
  const { code, signal, forced, lines } = exit
  const wasItself = !asked && stalled === null && !forced
  const verdict: Verdict = (wasItself && exit.verdict) || classifyExit({ ...end, code, signal, lines })
  const left = wasItself && end.listened && hadSent && signal === null
  const ranSeconds = Math.round(exit.ranMs / 10) / 100
  const how = `${asked ? 'as asked' : verdict.class}, ${signal ?? `code ${code}`}`
  return {
    words: verdict.words,
    left,
    exit: { class: verdict.class, code, signal, forced, at: end.at, ranSeconds, lines, ...(asked && { asked }) },
    log: {
      level: asked || left ? 'info' : 'warning',
      text: `${end.isChild ? 'FFmpeg' : 'Sending'} ended (${how}) after ${ranSeconds} s`,
    },
  }
}

/** The last ends of an output, newest last. */
export function createExits(told: (exit: ChildExit) => void) {
  const exits: ChildExit[] = []

  return {
    /** `status`: where the output stands now. */
    add(exit: Omit<ChildExit, 'next'>, wasAsked: boolean, status: OutputActual['status']): void {
      const described = { ...exit, next: wasAsked ? 'none' : nextOf(status) } satisfies ChildExit
      exits.push(described)
      if (exits.length > MAX_EXITS) exits.shift()
      told(described)
    },
    last: (): ChildExit | null => exits.at(-1) ?? null,
    list: (): ChildExit[] => [...exits],
  }
}

function nextOf(status: OutputActual['status']): ChildExit['next'] {
  return status === 'reconnecting' ? 'retry' : status === 'error' ? 'error' : 'none'
}
