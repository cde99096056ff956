/** @jsxImportSource hono/jsx */
import type { Typed } from '../http/form.ts'
import { Button } from '../ui/button.tsx'
import { Field, type FieldMessage, FormSummary } from '../ui/field.tsx'
import { MEMBER_LABELS } from './streams.form.ts'
import type { MemberResource } from './streams.schema.ts'

type Refused = { values?: Typed; errors?: readonly FieldMessage[] }
const messageOf = (errors: readonly FieldMessage[], path: string) => errors.find((each) => each.path === path)?.message

const ROLES = [
  { value: 'subscriber', label: 'Subscriber: sees what members see' },
  { value: 'co_owner', label: 'Co-owner: may all that the owner may' },
]
/** A day counts to its end. */
const END_OF_DAY = 'T23:59:59.999Z'

/** A link for one person who needs no account. A plain form. */
export function LinkForm({ streamKey, values = {}, errors = [] }: Refused & { streamKey: string }) {
  return (
    <form class="form" method="post" action={`/api/streams/${streamKey}/members`} novalidate>
      <FormSummary errors={errors} labels={MEMBER_LABELS} idPrefix="link" />
      <input type="hidden" name="role" value="subscriber" />
      <Field
        name="name"
        label={MEMBER_LABELS['name'] ?? ''}
        value={values['name'] ?? ''}
        error={messageOf(errors, 'name')}
        hint="So that you know later which link to take back."
        idPrefix="link"
        optional
      />
      <UntilField values={values} errors={errors} idPrefix="link" />
      <p>
        <Button label="Make link" icon="link" type="submit" />
      </p>
    </form>
  )
}

/** Lets somebody in by their account. A plain form. */
export function AccountForm({
  streamKey,
  people,
  values = {},
  errors = [],
}: Refused & { streamKey: string; people: readonly { id: number; name: string }[] }) {
  return (
    <form class="form" method="post" action={`/api/streams/${streamKey}/members`} novalidate>
      <FormSummary errors={errors} labels={MEMBER_LABELS} idPrefix="account" />
      <Field
        type="select"
        name="user_id"
        label={MEMBER_LABELS['user_id'] ?? ''}
        value={values['user_id'] ?? ''}
        options={people.map(({ id, name }) => ({ value: String(id), label: name }))}
        error={messageOf(errors, 'user_id')}
        idPrefix="account"
      />
      <Field
        type="select"
        name="role"
        label={MEMBER_LABELS['role'] ?? ''}
        value={values['role'] ?? 'subscriber'}
        options={ROLES}
        error={messageOf(errors, 'role')}
        idPrefix="account"
      />
      <UntilField values={values} errors={errors} idPrefix="account" />
      <p>
        <Button label="Let in" type="submit" />
      </p>
    </form>
  )
}

/** Changes what a member may and until when, in a dialog. */
export function MemberForm({
  streamKey,
  member,
  values = {},
  errors = [],
}: Refused & { streamKey: string; member: MemberResource }) {
  const id = `member-${member.id}-edit`
  return (
    <form
      id={`${id}-form`}
      novalidate
      hx-patch={`/api/streams/${streamKey}/members/${member.id}`}
      hx-swap="none"
      {...{ 'hx-status:422': `target:#${id}-form swap:outerMorph` }}
      data-close-when-done=""
    >
      <div class="dialog-head">
        <h2 id={`${id}-title`}>Change {member.name}</h2>
      </div>
      <div class="dialog-body">
        <FormSummary errors={errors} labels={MEMBER_LABELS} idPrefix={id} />
        {member.user_id === null ? (
          <Field
            name="name"
            label={MEMBER_LABELS['name'] ?? ''}
            value={values['name'] ?? member.name}
            error={messageOf(errors, 'name')}
            idPrefix={id}
          />
        ) : (
          <Field
            type="select"
            name="role"
            label={MEMBER_LABELS['role'] ?? ''}
            value={values['role'] ?? member.role}
            options={ROLES}
            error={messageOf(errors, 'role')}
            idPrefix={id}
          />
        )}
        <UntilField values={{ until: member.until ?? '', ...values }} errors={errors} idPrefix={id} />
      </div>
      <div class="dialog-foot">
        <Button label="Cancel" kind="quiet" data-do="close" />
        <Button label="Save" kind="primary" type="submit" />
      </div>
    </form>
  )
}

/** A day to choose; a moment that was set otherwise stands as it is. */
function UntilField({ values, errors, idPrefix }: Required<Refused> & { idPrefix: string }) {
  const until = (values['until'] ?? '').replace(END_OF_DAY, '')
  return (
    <Field
      type={until.includes('T') ? 'text' : 'date'}
      name="until"
      label={MEMBER_LABELS['until'] ?? ''}
      value={until}
      hint="A day. Empty: until you take it back."
      error={messageOf(errors, 'until')}
      idPrefix={idPrefix}
      optional
    />
  )
}
