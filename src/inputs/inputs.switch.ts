import type { InputRow } from '../db/tables/inputs.ts'
import { AppError } from '../errors.ts'
import type { InputActual } from '../media/actual.ts'
import type { SwitchBody } from './inputs.schema.ts'

/** What the history says of who pressed which button. */
export const SWITCH_WORDS: Record<SwitchBody['to'], string> = {
  main: 'The feed was chosen for the air.',
  backup: 'The backup was chosen for the air.',
  slate: 'The slate was put on air.',
  freeze: 'The picture was frozen.',
  auto: 'Weir chooses by itself again what is on air.',
}

/**
 * What a worker cannot know or would do all the same: a healthy feed is not given up for a backup at which every output
 * would restart. Where the feed is gone that is better than nothing.
 * @throws AppError 409 input.backup_codec
 */
export function checkSwitch(row: InputRow, { to }: SwitchBody, actual: InputActual): void {
  const isCostly = actual.backupReady?.differs.includes('codec') ?? false
  if (to !== 'backup' || row.backupInputId === null || actual.status !== 'active' || !isCostly) return
  const message =
    'The backup carries another picture codec: every output would restart. Set both encoders alike. When the feed is lost it is taken all the same.'
  throw new AppError({ kind: 'conflict', code: 'input.backup_codec', message })
}
