import type { Log } from '../../lib/log.ts'
import type { InputSpec } from '../specs.ts'

/** A worker's part of the wanted list, handed over until it has been taken, and who waits for that. */
export type WantedList = {
  readonly inputs: InputSpec[]
  readonly inputIds: number[]
  isWanted(kind: 'input' | 'output', id: number): boolean
  /** True where the list differs from the one before. */
  set(revision: number, inputs: InputSpec[]): boolean
  /** Resolves when the present list, or a later one, has been taken, or waiting has no more sense. */
  taken(): Promise<void>
  /** Hands it over until the worker has the newest. */
  deliver(): Promise<void>
  /** The worker is gone, and with it what it knew: its successor gets the list anew. */
  lost(): void
  /** Nobody will take it (any more): whoever waits is let go. */
  release(): void
}

export function createWantedList(o: {
  isReady(): boolean
  /** Rejects where the worker died under it; that is no error, for the next gets the same list. */
  hand(revision: number, inputs: InputSpec[]): Promise<unknown>
  log: Log
}): WantedList {
  let inputs: InputSpec[] = []
  let revision = 0
  let takenRevision = 0
  /** Grows with every death, so that what a dead worker took does not count. */
  let life = 0
  let delivering = false
  const waiting = new Set<{ revision: number; resolve(): void }>()
  const known = { input: new Set<number>(), output: new Set<number>() }

  function letGo(upTo: number): void {
    for (const each of waiting) {
      if (each.revision > upTo) continue
      waiting.delete(each)
      each.resolve()
    }
  }

  return {
    get inputs() {
      return inputs
    },
    get inputIds() {
      return inputs.map((input) => input.id)
    },
    isWanted: (kind, id) => known[kind].has(id),
    set(nextRevision, next) {
      const changed = !Bun.deepEquals(next, inputs)
      inputs = next
      revision = nextRevision
      known.input = new Set(inputs.map((input) => input.id))
      known.output = new Set(inputs.flatMap((input) => input.outputs.map((output) => output.id)))
      return changed
    },
    taken() {
      return new Promise((resolve) => {
        waiting.add({ revision, resolve })
      })
    },
    async deliver() {
      if (delivering) return
      delivering = true
      while (o.isReady() && takenRevision < revision) {
        const [now, list, of] = [revision, inputs, life]
        try {
          await o.hand(now, list)
          if (of === life) takenRevision = now
        } catch (error) {
          o.log.warn('media worker did not take the list', { error })
        }
        letGo(takenRevision)
      }
      delivering = false
    },
    lost() {
      life++
      takenRevision = 0
    },
    release: () => letGo(Number.POSITIVE_INFINITY),
  }
}
