import type { UserRow } from '../db/tables/users.ts'
import { toIso } from '../lib/fields.ts'
import type { MeResource, UserResource } from './users.schema.ts'

/** A person as the API gives them. */
export function toUserResource(row: UserRow): UserResource {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    role: row.role,
    status: row.status,
    two_factor: row.totpOn,
    last_seen_at: toIso(row.lastSeenAt),
    created_at: toIso(row.createdAt),
    updated_at: toIso(row.updatedAt),
  }
}

/** The same of one's own account. */
export function toMeResource(row: UserRow): MeResource {
  return { ...toUserResource(row), theme: row.theme, recovery_codes_left: row.recoveryHashes.length }
}
