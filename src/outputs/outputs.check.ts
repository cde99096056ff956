import type { OutputRow } from '../db/tables/outputs.ts'
import type { Preflight } from '../media/actual.ts'

export type Check = { verdict: 'ok' }
export function toCheck(_row: OutputRow, _found: Preflight): Check {
  return { verdict: 'ok' }
}
