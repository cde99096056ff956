/** @jsxImportSource hono/jsx */
import type { Typed } from '../http/form.ts'
import { Button } from '../ui/button.tsx'
import { CopyField } from '../ui/copy.tsx'
import { Confirm } from '../ui/dialog.tsx'
import { Field, type FieldMessage, FormSummary } from '../ui/field.tsx'
import { Icon } from '../ui/icon.tsx'
import { BarePage, type PageFiles, type Theme } from '../ui/layout.tsx'
import { Problem } from '../ui/messages.tsx'
import { RelativeTime } from '../ui/time.tsx'
import { MEMBER_LABELS } from './streams.form.ts'
import type { MemberResource } from './streams.schema.ts'
import { RELATION_WORDS } from './streams.words.ts'

type Refused = { values?: Typed; errors?: readonly FieldMessage[] }
const messageOf = (errors: readonly FieldMessage[], path: string) => errors.find((each) => each.path === path)?.message

export type MembersProps = {
  streamKey: string
  /** Null where it has none. */
  owner: string | null
  members: readonly MemberResource[]
  /** Who can be let in by their account. */
  people: readonly { id: number; name: string }[]
}

/** Who is let in, and how to let in more: `#members`. */
export function MembersPanel({ streamKey, owner, members, people }: MembersProps) {
  return (
    <section class="card card-pad stack" id="members" aria-labelledby="members-h">
      <h2 id="members-h">Members</h2>
      <p class="note">{owner === null ? 'Administrators look after it.' : `${owner} owns it.`}</p>
      <MemberRows streamKey={streamKey} members={members} />
      <details class="disclose">
        <summary>
          <Icon name="right" />
          Make a personal link
        </summary>
        <LinkForm streamKey={streamKey} />
      </details>
      {people.length > 0 ? (
        <details class="disclose">
          <summary>
            <Icon name="right" />
            Let in someone with an account
          </summary>
          <AccountForm streamKey={streamKey} people={people} />
        </details>
      ) : null}
    </section>
  )
}

export function MemberRows({ streamKey, members }: Pick<MembersProps, 'streamKey' | 'members'>) {
  if (members.length === 0) return <p class="muted">Nobody else is let in yet.</p>
  return (
    <ul class="members">
      {members.map((member) => (
        <Member streamKey={streamKey} member={member} />
      ))}
    </ul>
  )
}

function Member({ streamKey, member }: { streamKey: string; member: MemberResource }) {
  const { id, name, role, until, user_id } = member
  const isLink = user_id === null
  return (
    <li id={`member-${id}`}>
      <span>
        <b>{name}</b>
        <br />
        <span class="note">
          {isLink ? 'Personal link' : RELATION_WORDS[role]}
          {until ? (
            <>
              , {Date.parse(until) > Date.now() ? 'until ' : 'ended '}
              <time datetime={until}>{until.slice(0, 10)}</time>
            </>
          ) : null}
          {isLink && !until ? (
            <>
              , made <RelativeTime at={member.created_at} ago />
            </>
          ) : null}
        </span>
      </span>
      <span class="needs-script">
        <Button
          label={isLink ? `Take back the link of ${name}` : `Let out ${name}`}
          icon="close"
          kind="quiet"
          small
          iconOnly
          data-open={`member-${id}-out`}
        />
      </span>
      <Confirm
        id={`member-${id}-out`}
        title={isLink ? `Take back the link of ${name}?` : `Let ${name} out?`}
        act={isLink ? 'Take it back' : 'Let out'}
        form={{ action: `/streams/${streamKey}`, 'hx-delete': `/api/streams/${streamKey}/members/${id}` }}
      >
        <p>What is not public is closed to them at once.</p>
      </Confirm>
    </li>
  )
}

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
}: Refused & Pick<MembersProps, 'streamKey' | 'people'>) {
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
        options={[
          { value: 'subscriber', label: 'Subscriber: sees what members see' },
          { value: 'co_owner', label: 'Co-owner: may all that the owner may' },
        ]}
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

function UntilField({ values, errors, idPrefix }: Required<Refused> & { idPrefix: string }) {
  return (
    <Field
      name="until"
      label={MEMBER_LABELS['until'] ?? ''}
      value={values['until'] ?? ''}
      placeholder="2027-01-31"
      hint="A day. Empty: until you take it back."
      error={messageOf(errors, 'until')}
      idPrefix={idPrefix}
      optional
    />
  )
}

export type LinkOnceProps = { name: string; link: string; back: string; files: PageFiles; theme: Theme }

/** The link, once: whoever makes it carries it to its person. */
export function LinkOnce({ name, link, back, files, theme }: LinkOnceProps) {
  return (
    <BarePage title="Personal link" theme={theme} {...files} wide>
      <h1>Personal link</h1>
      <Problem title="Copy it now" tone="warn">
        <p>Weir keeps only a fingerprint and cannot show it again.</p>
      </Problem>
      <p>Send this link to {name}. Whoever opens it sees what members see, so it should stay with them.</p>
      <CopyField label="Link" text={link} />
      <p>
        <a class="btn btn-primary" href={back}>
          I have copied it
        </a>
      </p>
    </BarePage>
  )
}
