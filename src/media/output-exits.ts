import type { ChildExit, OutputActual } from './actual.ts'

const MAX_EXITS = 10

/** The last ends of an output, described whole, newest last. */
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
