import { isBackupLoop, type Linked } from '../../lib/backup-loop.ts'

/** Each input with its backup, null where it has none that can be used: none in the list, or one that leads back. */
export function findBackups(inputs: readonly Linked[]): Map<number, number | null> {
  const ids = new Set(inputs.map((input) => input.id))
  return new Map(
    inputs.map(({ id, backupInputId }) => {
      const isUsable = backupInputId !== null && ids.has(backupInputId) && !isBackupLoop(inputs, id, backupInputId)
      return [id, isUsable ? backupInputId : null]
    }),
  )
}

/** Inputs that must live together because one is, over any number of links, the backup of the other. */
export function groupByBackup<T extends Linked>(inputs: readonly T[]): T[][] {
  const parent = new Map(inputs.map((input) => [input.id, input.id]))
  const rootOf = (id: number): number => {
    let at = id
    while (parent.get(at) !== at) at = parent.get(at) as number
    return at
  }
  for (const { id, backupInputId } of inputs) {
    if (backupInputId !== null && parent.has(backupInputId)) parent.set(rootOf(id), rootOf(backupInputId))
  }
  return [...Map.groupBy(inputs, ({ id }) => rootOf(id)).values()]
}
