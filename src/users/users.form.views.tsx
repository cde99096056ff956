/** @jsxImportSource hono/jsx */
import type { RefusedForm } from '../http/endpoint.ts'
import { ROLES } from '../lib/access.ts'
import { Button } from '../ui/button.tsx'
import { Field, FormSummary } from '../ui/field.tsx'
import { ROLE_WORDS } from './users.words.ts'
import type { UserResource } from './users.schema.ts'

const LABELS = { name: 'Name', email: 'E-mail', role: 'Role', status: 'May sign in' }

export type UserFormProps = RefusedForm & {
  /** Null: somebody new. */
  user: UserResource | null
}

/** Invites somebody, or changes who they are here. A plain form. */
export function UserForm({ user, values, errors }: UserFormProps) {
  const messageOf = (path: string) => errors.find((each) => each.path === path)?.message
  const prefix = user ? `u${user.id}` : 'new'
  return (
    <form class="form form-page" method="post" action={user ? `/api/users/${user.id}` : '/api/users'} novalidate>
      <FormSummary errors={errors} labels={LABELS} idPrefix={prefix} />
      <Field
        name="name"
        label={LABELS.name}
        value={values['name'] ?? user?.name ?? ''}
        error={messageOf('name')}
        idPrefix={prefix}
      />
      <Field
        type="email"
        name="email"
        label={LABELS.email}
        value={values['email'] ?? user?.email ?? ''}
        error={messageOf('email')}
        idPrefix={prefix}
      />
      <Field
        type="select"
        name="role"
        label={LABELS.role}
        value={values['role'] ?? user?.role ?? 'viewer'}
        options={ROLES.map((role) => ({ value: role, label: `${ROLE_WORDS[role].label}: ${ROLE_WORDS[role].may}` }))}
        error={messageOf('role')}
        idPrefix={prefix}
      />
      {user ? (
        <Field
          type="select"
          name="status"
          label={LABELS.status}
          value={values['status'] ?? (user.status === 'disabled' ? 'disabled' : 'active')}
          options={[
            { value: 'active', label: 'Yes' },
            { value: 'disabled', label: 'No, and everything they have open ends' },
          ]}
          error={messageOf('status')}
          idPrefix={prefix}
        />
      ) : null}
      <Button label={user ? 'Save' : 'Make an invitation'} kind={user ? undefined : 'primary'} type="submit" />
    </form>
  )
}
