import type { OperationInput, OperationOutput, WorkerEventData } from '../media/protocol.ts'
import type { Choice } from '../media/specs.ts'

export type Choices = {
  of(inputId: number): Choice | null
  /** A worker has agreed. */
  made(wanted: OperationInput<'switch'>, answer: OperationOutput<'switch'>): void
  /** A worker has put something on air. */
  switched(change: WorkerEventData<'input.switched'>): void
}

/**
 * What people have put on air by hand, for as long as it stands: a worker that dies takes what it knew of it along, and the
 * next one has to be told. `changed` is called where the workers' list is not what they know any more.
 */
export function createChoices(changed: () => void): Choices {
  const choices = new Map<number, Choice>()

  function set(inputId: number, choice: Choice | null): void {
    if (choice === (choices.get(inputId) ?? null)) return
    if (choice) choices.set(inputId, choice)
    else choices.delete(inputId)
    changed()
  }

  return {
    of: (inputId) => choices.get(inputId) ?? null,
    made({ inputId, to }, { onAir }) {
      if (to === 'main' || to === 'auto') set(inputId, null)
      // A feed comes at its next keyframe, which is told as a switch, or never.
      else if (to !== 'backup' || onAir === 'backup') set(inputId, to)
    },
    switched({ id, to, reason }) {
      if (reason === 'manual') {
        if (to === 'backup') set(id, to)
        else if (to === 'main') set(id, null)
      } else {
        // A worker that was told lets no feed on air before the choice, unless it has given it up; a still picture needs one.
        const isGivenUp = to === 'main' && choices.get(id) !== 'freeze'
        if (reason !== null || isGivenUp) set(id, null)
      }
    },
  }
}
