/** @jsxImportSource hono/jsx */
import { Icon, type IconName } from '../ui/icon.tsx'
import { RelativeTime } from '../ui/time.tsx'
import { readyWords, reasonWords, refusalWords, viewersSee } from './inputs.air.words.ts'
import type { InputResource, SwitchBody } from './inputs.schema.ts'

type Choice = { to: SwitchBody['to']; label: string; key: string }

const CHOICES: readonly Choice[] = [
  { to: 'main', label: 'Main', key: '1' },
  { to: 'backup', label: 'Backup', key: '2' },
  { to: 'slate', label: 'Take slate', key: '3' },
  { to: 'freeze', label: 'Freeze', key: '4' },
]
const AUTO: Choice = { to: 'auto', label: 'By itself', key: '0' }

const LOOKS: Record<InputResource['on_air'], { icon: IconName; state: string }> = {
  main: { icon: 'state-live', state: 'active' },
  backup: { icon: 'state-warning', state: 'reconnecting' },
  slate: { icon: 'state-warning', state: 'reconnecting' },
  freeze: { icon: 'state-warning', state: 'reconnecting' },
  none: { icon: 'state-stopped', state: 'stopped' },
}

/** What viewers get, since when and why, and the buttons that change it: `#input-3-air`. */
export function OnAir({ input }: { input: InputResource }) {
  const { id, on_air: air } = input
  const look = LOOKS[air]
  const reason = reasonWords(input)
  const ready = readyWords(input)
  const refused = CHOICES.flatMap(({ to, label }) => {
    const words = refusalWords(input, to)
    return input.enabled && words ? [{ to, label, words }] : []
  })
  return (
    <section class="card card-pad air" id={`input-${id}-air`} aria-labelledby={`input-${id}-air-h`}>
      <div class="air-now">
        <h2 id={`input-${id}-air-h`}>
          <span class="state" data-state={look.state}>
            <Icon name={look.icon} />
            {viewersSee(air)}
            {input.enabled && (
              <span class="since">
                {' for '}
                <RelativeTime at={input.on_air_since} />
              </span>
            )}
          </span>
        </h2>
        {reason && <p class={input.pending ? 'note air-pending' : 'note'}>{reason}</p>}
      </div>
      <SwitchButtons input={input} />
      {(refused.length > 0 || ready) && (
        <ul class="note air-why">
          {ready && <li>{ready}</li>}
          {refused
            .filter(({ to }) => to !== 'backup' || !ready)
            .map(({ to, label, words }) => (
              <li id={`input-${id}-air-${to}`}>
                <b>{label}:</b> {words}
              </li>
            ))}
        </ul>
      )}
    </section>
  )
}

function SwitchButtons({ input }: { input: InputResource }) {
  const path = `/api/inputs/${input.id}/switch`
  const isByHand = input.on_air_reason === 'manual' || input.pending !== null
  return (
    <form class="air-acts" method="post" action={path} hx-post={path} hx-sync="drop" hx-swap="none">
      <fieldset class="air-row">
        <legend class="sr-only">Put on air</legend>
        {CHOICES.map((choice) => (
          <SwitchButton
            {...choice}
            refusal={refusalWords(input, choice.to)}
            isLit={input.on_air === choice.to}
            isNext={input.pending === choice.to}
          />
        ))}
      </fieldset>
      <div class="air-row">
        <SwitchButton
          {...AUTO}
          refusal={refusalWords(input, 'auto')}
          isLit={input.enabled && !isByHand}
          isNext={false}
        />
        <button class="btn btn-quiet needs-script" type="button" data-do="air-keys" aria-pressed="true">
          Keys 1 to 4 and 0
        </button>
      </div>
    </form>
  )
}

/** What cannot be taken stays where it is, for the fingers know the place, and says why. */
function SwitchButton(o: Choice & { refusal: string | null; isLit: boolean; isNext: boolean }) {
  const { to, label, key, refusal } = o
  const kind = to === 'slate' ? 'btn btn-danger' : 'btn'
  return (
    <button
      class={kind}
      type={refusal ? 'button' : 'submit'}
      name="to"
      value={to}
      data-key={key}
      data-lit={o.isLit ? 'now' : o.isNext ? 'next' : undefined}
      aria-disabled={refusal ? 'true' : undefined}
      aria-keyshortcuts={key}
      title={refusal ?? undefined}
    >
      {label}
      {(o.isLit || o.isNext) && <span class="sr-only">{o.isLit ? ', chosen now' : ', at the next keyframe'}</span>}
      <kbd class="needs-script">{key}</kbd>
    </button>
  )
}
