import { joinWords } from '../ui/format.ts'
import type { InputResource, InputStats, SwitchBody } from './inputs.schema.ts'

/** What is on air, and what could be, in words. */

type Air = InputResource['on_air']

const VIEWERS_SEE: Record<Exclude<Air, 'none'>, string> = {
  main: 'the feed',
  backup: 'the backup',
  slate: 'the slate',
  freeze: 'the last picture, without sound',
}

/** `Viewers see the slate`; what has no outputs has no viewers, but they would. */
export function viewersSee(air: Air): string {
  return air === 'none' ? 'Viewers see nothing' : `Viewers see ${VIEWERS_SEE[air]}`
}

/** True where something stands in for the feed. */
export function isFilled({ on_air: air }: Pick<InputResource, 'on_air'>): boolean {
  return air === 'backup' || air === 'slate' || air === 'freeze'
}

/** Why that is on air; null where there is nothing to say. */
export function reasonWords(input: InputResource): string | null {
  if (input.pending) return `${input.pending === 'main' ? 'The feed' : 'The backup'} goes on air at its next keyframe.`
  if (!input.enabled) return 'The input is stopped.'
  switch (input.on_air) {
    case 'none':
      return input.on_air_reason === 'ended' ? 'The show has ended.' : lossWords(input)
    case 'main':
      return input.on_air_reason === 'manual' ? 'Chosen by hand.' : null
    default:
      if (input.on_air === 'freeze' && input.on_air_reason === 'manual' && input.slate_ready === false)
        return 'The slate is being made. The last picture stands until then.'
      if (input.on_air_reason === 'manual')
        return `Chosen by hand${input.status === 'active' ? '; the feed is there' : ', and the feed is not there'}.`
      if (input.status !== 'active') return 'The feed is lost.'
      return input.return === 'manual' ? 'The feed is there again. Press Main.' : 'The feed is there again.'
  }
}

/** What will be shown for a lost feed, as long as nothing is on air. */
function lossWords({ on_loss }: InputResource): string {
  return on_loss === 'hold'
    ? 'When the feed is lost, outputs stop after 8 seconds.'
    : 'It begins with the first picture of the feed.'
}

/** Why this cannot be put on air now; null where it can. */
export function refusalWords(input: InputResource, to: SwitchBody['to']): string | null {
  if (!input.enabled) return 'The input is stopped.'
  if (input.on_air === to) return null
  switch (to) {
    case 'main':
      return input.status === 'active' ? null : 'The feed is not there.'
    case 'backup':
      return backupRefusal(input)
    case 'slate':
      // Where there is a picture to hold, that stands until the slate is made.
      return input.on_air === 'none' && input.slate_ready === false ? 'The slate is being made.' : null
    case 'freeze':
      return input.on_air === 'none' ? 'There is no picture to hold yet.' : null
    case 'auto':
      return null
  }
}

function backupRefusal({ backup_input_id, backup_ready, status }: InputResource): string | null {
  if (backup_input_id === null) return 'No backup is chosen.'
  if (!backup_ready || (!backup_ready.ok && backup_ready.differs.length === 0)) return 'The backup sends nothing now.'
  return backup_ready.differs.includes('codec') && status === 'active'
    ? 'The backup carries another picture codec.'
    : null
}

const DIFFERENCES: Record<NonNullable<InputResource['backup_ready']>['differs'][number], string> = {
  size: 'picture size',
  fps: 'frame rate',
  audio: 'sound',
  codec: 'picture codec',
}

/** How the backup stands, told before it is needed; null without one. */
export function readyWords({ backup_input_id, backup_ready }: InputResource): string | null {
  if (backup_input_id === null) return null
  if (!backup_ready || (!backup_ready.ok && backup_ready.differs.length === 0))
    return 'The backup sends nothing now, so it could not take over.'
  if (backup_ready.differs.length === 0) return 'The backup is ready. Viewers would notice a cut at most.'
  const differs = joinWords(backup_ready.differs.map((what) => DIFFERENCES[what]))
  return backup_ready.ok
    ? `The backup is ready. It differs in ${differs}: outputs go on, players may blink.`
    : `The backup differs in ${differs}: outputs restart when it takes over. Set both encoders alike.`
}

type Carried = Pick<InputStats, 'video' | 'audio'>

/** In what two feeds differ, as people read it; empty where nothing is known to. */
export function differenceWords(own: Carried, other: Carried): string {
  const [a, b] = [own.video, other.video]
  const [c, d] = [own.audio, other.audio]
  const found = [
    a && b && a.codec !== b.codec && DIFFERENCES.codec,
    a && b && (a.width !== b.width || a.height !== b.height) && DIFFERENCES.size,
    a?.fps && b?.fps && Math.abs(a.fps - b.fps) > 0.05 && DIFFERENCES.fps,
    (a || c) && (b || d) && !Bun.deepEquals(c, d) && DIFFERENCES.audio,
  ]
  return joinWords(found.filter((what) => typeof what === 'string'))
}
