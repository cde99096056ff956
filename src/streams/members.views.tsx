/** @jsxImportSource hono/jsx */
import { Button } from '../ui/button.tsx'
import { CopyField } from '../ui/copy.tsx'
import { Confirm } from '../ui/dialog.tsx'
import { Icon } from '../ui/icon.tsx'
import { BarePage, type PageFiles, type Theme } from '../ui/layout.tsx'
import { Problem } from '../ui/messages.tsx'
import { RelativeTime } from '../ui/time.tsx'
import { AccountForm, LinkForm, MemberForm } from './members.form.views.tsx'
import type { MemberResource } from './streams.schema.ts'
import { RELATION_WORDS } from './streams.words.ts'

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
          label={`Change what ${name} may, or until when`}
          icon="edit"
          kind="quiet"
          small
          iconOnly
          data-open={`member-${id}-edit`}
        />
        <Button
          label={isLink ? `Take back the link of ${name}` : `Let out ${name}`}
          icon="close"
          kind="quiet"
          small
          iconOnly
          data-open={`member-${id}-out`}
        />
      </span>
      <dialog class="dialog" id={`member-${id}-edit`} aria-labelledby={`member-${id}-edit-title`}>
        <MemberForm streamKey={streamKey} member={member} />
      </dialog>
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
