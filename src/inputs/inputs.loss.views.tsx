/** @jsxImportSource hono/jsx */
import { isBackupLoop } from '../lib/backup-loop.ts'
import { Field, fieldId } from '../ui/field.tsx'
import { Icon } from '../ui/icon.tsx'
import { differenceWords } from './inputs.air.words.ts'
import type { InputFields } from './inputs.fields.views.tsx'
import type { InputResource } from './inputs.schema.ts'
import { formatWords } from './inputs.words.ts'

type OnLoss = InputResource['on_loss']

/** What the audience sees, in the order of the choices. */
const CHOICES: readonly { value: OnLoss; label: string; hint: string }[] = [
  { value: 'freeze', label: 'The last picture', hint: 'It stands still, without sound, until the feed is back.' },
  {
    value: 'slate',
    label: 'A slate',
    hint: 'A picture of yours, uploaded on the page of the input, or a dark card with its name.',
  },
  {
    value: 'backup',
    label: 'The backup',
    hint: 'Another input takes over, and gives back. Where it is gone too, the slate is shown.',
  },
  { value: 'hold', label: 'Nothing', hint: 'Destinations get nothing. After 8 seconds Weir leaves them in order.' },
]

/** The part of the form about a lost feed. `others` are all inputs that may be its backup. */
export function LossFields(o: {
  fields: InputFields
  /** The one to edit; null makes a new one. */
  input: InputResource | null
  others: readonly InputResource[]
  isOpen: boolean
}) {
  const { fields, input } = o
  const chosen = fields.text('on_loss')
  return (
    <details class="disclose" open={o.isOpen}>
      <summary>
        <Icon name="right" />
        When the feed is lost
      </summary>
      <div class="stack">
        <fieldset class="field loss" id={fieldId('on_loss')}>
          <legend class="label">Viewers see</legend>
          {CHOICES.map(({ value, label, hint }) => (
            <div class="check">
              <input
                class="radio"
                type="radio"
                name="on_loss"
                value={value}
                id={fieldId(`on_loss-${value}`)}
                checked={(chosen.value || 'freeze') === value}
                aria-describedby={`${fieldId(`on_loss-${value}`)}-hint`}
              />
              <label for={fieldId(`on_loss-${value}`)}>{label}</label>
              <p class="hint" id={`${fieldId(`on_loss-${value}`)}-hint`}>
                {hint}
              </p>
            </div>
          ))}
        </fieldset>
        <Field
          {...fields.text('backup_input_id')}
          type="select"
          options={[{ value: '', label: 'None' }, ...backupOptions(input, o.others)]}
          hint="Best from an encoder with the same settings, over another line. The buttons of the page can take it at any time."
        />
        <div class="fields">
          <Field
            {...fields.text('loss_ms')}
            type="number"
            min={300}
            max={10_000}
            unit="ms"
            hint="Without a whole picture. 1000 if empty."
          />
          <Field
            {...fields.text('max_fill_minutes')}
            type="number"
            min={0}
            max={10_080}
            unit="min"
            hint="Then the show ends. 0 is for ever, 5 if empty."
          />
        </div>
        <div class="fields">
          <Field
            {...fields.text('return')}
            type="select"
            options={[
              { value: 'auto', label: 'By itself' },
              { value: 'manual', label: 'By hand' },
            ]}
          />
          <Field
            {...fields.text('return_after_ms')}
            type="number"
            min={0}
            max={60_000}
            unit="ms"
            hint="It must run so long first. 1000 if empty; 3000 calms a restless feed."
          />
        </div>
      </div>
    </details>
  )
}

/** Who can take over, and how each stands beside this feed. Whoever leads back to it is left out. */
function backupOptions(input: InputResource | null, others: readonly InputResource[]) {
  const links = others.map(({ id, backup_input_id }) => ({ id, backupInputId: backup_input_id }))
  return others
    .filter(({ id }) => input === null || (id !== input.id && !isBackupLoop(links, input.id, id)))
    .map((other) => ({ value: String(other.id), label: `${other.name}: ${standing(input, other)}` }))
}

/** `live, as this feed`; what it carries where there is nothing to compare with. */
function standing(input: InputResource | null, other: InputResource): string {
  if (other.status !== 'active') return 'no feed now'
  if (input?.status !== 'active') return `live, ${formatWords(other.stats)}`
  const differs = differenceWords(input.stats, other.stats)
  return differs === '' ? 'live, as this feed' : `live, differs in ${differs}`
}
