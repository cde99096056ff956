export type Linked = { id: number; backupInputId: number | null }

/** Does following the backups from `id` on, its own being `backupInputId`, lead back to where one has been? */
export function isBackupLoop(inputs: readonly Linked[], id: number, backupInputId: number | null): boolean {
  const next = new Map(inputs.map((input) => [input.id, input.backupInputId]))
  next.set(id, backupInputId)
  const seen = new Set<number>()
  for (let at: number | null = id; at !== null; at = next.get(at) ?? null) {
    if (seen.has(at)) return true
    seen.add(at)
  }
  return false
}
