/** @jsxImportSource hono/jsx */
import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icon.tsx'
import { TONE_ICONS, type Tone } from '../ui/states.ts'
import type { CheckResource } from './outputs.check.ts'
import type { OutputResource } from './outputs.schema.ts'

const TONES = { ok: 'ok', warning: 'warn', problem: 'bad', skipped: 'idle' } as const satisfies Record<
  CheckResource['checks'][number]['status'],
  Tone
>
const STATUS_WORDS = { ok: 'Good', warning: 'Look at this', problem: 'Does not work', skipped: 'Not checked' } as const
const VERDICTS = {
  ok: 'Nothing speaks against it',
  warning: 'It will work, but look at this',
  problem: 'It will not work like this',
} as const
const TITLES: Record<CheckResource['checks'][number]['code'], string> = {
  name: 'Name',
  reach: 'Connection',
  tls: 'Encryption',
  login: 'Login',
  video_codec: 'Picture',
  audio_codec: 'Sound',
  bitrate: 'Bitrate',
  keyframes: 'Keyframes',
  upload: 'Upload',
}

/** What a look at a destination found, under the `id` of what it takes the place of. `hasFocus`: a button asked for it. */
export function OutputCheck({ id, check, hasFocus }: { id: string; check: CheckResource; hasFocus?: boolean }) {
  return (
    <section
      class="check-found"
      id={id}
      aria-label="What was found"
      aria-live="polite"
      tabindex={0}
      autofocus={hasFocus}
    >
      <p class="check-verdict" data-tone={TONES[check.verdict]}>
        <Icon name={TONE_ICONS[TONES[check.verdict]]} />
        <strong>{VERDICTS[check.verdict]}</strong>
      </p>
      <ul class="checks">
        {check.checks.map(({ code, status, message }) => (
          <li data-tone={TONES[status]}>
            <Icon name={TONE_ICONS[TONES[status]]} />
            <div>
              <b>{TITLES[code]}</b> <span class="sr-only">{STATUS_WORDS[status]}: </span>
              <span>{message}</span>
            </div>
          </li>
        ))}
      </ul>
      <Looking />
    </section>
  )
}

/** Where a check will stand that nobody has asked for yet. */
export function CheckPlace({ id }: { id: string }) {
  return (
    <div class="check-place" id={id}>
      <Looking />
    </div>
  )
}

/** Seen while it is looked. */
function Looking() {
  return (
    <p class="check-busy" role="status">
      <Icon name="state-starting" class="icon-spin" /> Looking. This takes 10 seconds at most.
    </p>
  )
}

/** Opens with the question and asks at once; nothing is sent to the destination. */
export function OutputCheckSheet({ output }: { output: Pick<OutputResource, 'id' | 'input_id' | 'name'> }) {
  const id = `output-${output.id}-check`
  const ask = {
    'hx-post': `/api/inputs/${output.input_id}/outputs/${output.id}/check`,
    'hx-target': `#${id}`,
    'hx-swap': 'outerHTML',
    'hx-indicator': `#${id}`,
  }
  return (
    <div>
      <div class="dialog-head">
        <div>
          <h2>Check {output.name}</h2>
          <p class="note">Weir looks at the destination and the feed. Nothing is sent.</p>
        </div>
        <Button label="Close" icon="close" kind="quiet" iconOnly data-do="close" />
      </div>
      <div class="dialog-body">
        <div id={id} {...ask} hx-trigger="load">
          <Looking />
        </div>
      </div>
      <div class="dialog-foot">
        <span class="push" />
        <Button label="Check again" icon="restart" kind="quiet" hx-sync="drop" {...ask} />
        <Button label="Close" kind="primary" data-do="close" />
      </div>
    </div>
  )
}
