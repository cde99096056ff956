import type { InputActual, Warning } from '../actual.ts'
import type { OnAir } from './on-air.ts'

/** A short fill is what it is for; a longer one needs somebody. */
const FILL_MS = 10_000

const BY_HAND = 'It was chosen by hand.'

const DIFFERENT: Record<NonNullable<InputActual['backupReady']>['differs'][number], string> = {
  size: 'picture size',
  fps: 'frame rate',
  audio: 'sound',
  codec: 'picture codec',
}

/** What is wrong with what outputs get, each as a code and plain words. */
export function showWarnings(facts: {
  onAir: OnAir
  /** For how long already. */
  onAirMs: number
  /** Somebody has chosen that. */
  isByHand: boolean
  backupReady: InputActual['backupReady']
  /** A backup is wanted, and there is none that could be taken. */
  hasLostBackup: boolean
}): Omit<Warning, 'since'>[] {
  const found: Omit<Warning, 'since'>[] = []
  const add = (code: string, message: string) => found.push({ code, message })
  const { onAir, backupReady } = facts
  if ((onAir === 'slate' || onAir === 'freeze') && facts.onAirMs > FILL_MS) {
    const what = onAir === 'slate' ? 'the slate' : 'the last picture, without sound'
    add('input.on_fill', `Viewers see ${what} instead of the feed. ${facts.isByHand ? BY_HAND : 'Check the sender.'}`)
  }
  if (onAir === 'backup')
    add('input.on_backup', `The backup is on air. ${facts.isByHand ? BY_HAND : 'Check the sender of the feed.'}`)
  if (facts.hasLostBackup)
    add('input.backup_down', 'The backup cannot be used: it was deleted, or it leads back to this input.')
  else if (backupReady && !backupReady.ok && backupReady.differs.length === 0)
    add('input.backup_down', 'The backup sends nothing now, so it could not take over.')
  else if (backupReady && backupReady.differs.length > 0) {
    const differs = backupReady.differs.map((what) => DIFFERENT[what]).join(', ')
    add(
      'input.backup_differs',
      backupReady.ok
        ? `The backup differs from the feed: ${differs}. Outputs go on when it takes over, but players may blink.`
        : `The backup differs from the feed: ${differs}. Outputs restart when it takes over. Set both encoders alike.`,
    )
  }
  return found
}
