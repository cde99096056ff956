/** @jsxImportSource hono/jsx */
import type { RefusedForm } from '../http/endpoint.ts'
import { may, type Right, ROLES } from '../lib/access.ts'
import { Button, LinkButton } from '../ui/button.tsx'
import { Confirm } from '../ui/dialog.tsx'
import { Icon, type IconName } from '../ui/icon.tsx'
import { PageHead } from '../ui/page-head.tsx'
import { RelativeTime } from '../ui/time.tsx'
import { UserForm } from './users.form.views.tsx'
import { QuestionPage } from './question.views.tsx'
import type { UserResource } from './users.schema.ts'
import { ROLE_WORDS } from './users.words.ts'

const STATUS: Record<UserResource['status'], { word: string; state: string; icon: IconName }> = {
  active: { word: 'Active', state: 'running', icon: 'state-running' },
  invited: { word: 'Invited', state: 'waiting', icon: 'state-waiting' },
  disabled: { word: 'Shut out', state: 'stopped', icon: 'state-stopped' },
}

export type PeopleProps = { users: readonly UserResource[]; myId: number | null; refused: RefusedForm }

/** The inside of the page of people. */
export function PeoplePage({ users, myId, refused }: PeopleProps) {
  const count = users.length === 1 ? '1 person' : `${users.length} people`
  return (
    <>
      <PageHead
        title="People"
        lede={<p class="lede">{`${count}. Nobody has a default password, because there is none.`}</p>}
      />
      <section class="card card-pad" aria-labelledby="invite-h">
        <details class="disclose" open={users.length < 2 || refused.errors.length > 0}>
          <summary>
            <Icon name="right" />
            <span id="invite-h">Invite someone</span>
          </summary>
          <UserForm user={null} {...refused} />
        </details>
      </section>
      <section class="section card table-box" aria-labelledby="people-h">
        <div class="card-head">
          <h2 id="people-h">People</h2>
        </div>
        <table class="table" id="users">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Role</th>
              <th scope="col">State</th>
              <th scope="col">Last seen</th>
              <th scope="col">
                <span class="sr-only">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {users.map((user) => (
              <Person user={user} isMe={user.id === myId} />
            ))}
          </tbody>
        </table>
      </section>
      <RolesTable />
    </>
  )
}

function Person({ user, isMe }: { user: UserResource; isMe: boolean }) {
  const { word, state, icon } = STATUS[user.status]
  return (
    <tr id={`user-${user.id}`}>
      <th scope="row">
        {user.name} {isMe ? <span class="chip">you</span> : null}
        <br />
        <span class="note">{user.email}</span>
      </th>
      <td data-label="Role">{ROLE_WORDS[user.role].label}</td>
      <td data-label="State">
        <span>
          <span class="state" data-state={state}>
            <Icon name={icon} />
            {word}
          </span>
          {user.two_factor ? <span class="note"> two-factor</span> : null}
        </span>
      </td>
      <td data-label="Last seen">
        {user.last_seen_at ? <RelativeTime at={user.last_seen_at} ago /> : <span class="muted">never</span>}
      </td>
      <td class="acts">
        <a class="btn btn-quiet btn-small" href={`/users/${user.id}`}>
          Change<span class="sr-only"> {user.name}</span>
        </a>
      </td>
    </tr>
  )
}

/** One person on a page of their own: all that an administrator can do about them. */
export function PersonPage({ user, refused }: { user: UserResource; refused: RefusedForm }) {
  return (
    <>
      <PageHead title={user.name} lede={<p class="lede">{user.email}</p>} />
      <div class="card card-pad stack">
        <UserForm user={user} {...refused} />
        {user.status === 'disabled' ? null : (
          <form method="post" action={`/api/users/${user.id}/reset`}>
            <Button
              label={user.status === 'invited' ? 'New invitation link' : 'Link to a new password'}
              type="submit"
            />
          </form>
        )}
        <noscript>
          <LinkButton label={`Delete ${user.name}`} kind="danger" href={`/users/${user.id}/delete`} />
        </noscript>
        <div class="needs-script">
          <Button label={`Delete ${user.name}`} kind="danger" data-open="delete-user" />
        </div>
        <Confirm
          id="delete-user"
          title={`Delete ${user.name}?`}
          act="Delete"
          form={{ action: '/users', 'hx-delete': `/api/users/${user.id}` }}
        >
          <DeleteWarning />
        </Confirm>
      </div>
    </>
  )
}

function DeleteWarning() {
  return (
    <p>
      Their sessions and keys end at once. Their streams stay, and administrators look after them. What they did stays
      in the audit log. This cannot be undone.
    </p>
  )
}

/** The question before somebody is deleted, as a page. */
export function PersonEndPage({ user }: { user: UserResource }) {
  const path = `/users/${user.id}`
  return (
    <QuestionPage title={`Delete ${user.name}?`} act="Delete" action={`/api${path}/delete`} back={path}>
      <DeleteWarning />
    </QuestionPage>
  )
}

const TO_DO: readonly [string, Right][] = [
  ['See inputs, outputs and their state', 'see'],
  ['Make streams and look after their pictures', 'stream.make'],
  ['Start, stop, add and change inputs and outputs, read logs', 'operate'],
  ['People, all keys, the audit log', 'manage'],
]

/** Printed from the table that decides, so it is always true. */
function RolesTable() {
  return (
    <section class="section card table-box" aria-labelledby="roles-h">
      <div class="card-head">
        <h2 id="roles-h">Who may do what</h2>
      </div>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">To do</th>
            {ROLES.map((role) => (
              <th scope="col">{ROLE_WORDS[role].label}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {TO_DO.map(([words, right]) => (
            <tr>
              <th scope="row">{words}</th>
              {ROLES.map((role) => (
                <td data-label={ROLE_WORDS[role].label}>
                  {may({ role, scopes: null }, right) ? (
                    <span class="state" data-state="running">
                      <Icon name="check" />
                      yes
                    </span>
                  ) : (
                    <span class="muted">no</span>
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
