import { z } from 'zod'
import { THEMES, USER_STATUS } from '../db/tables/users.ts'
import { idParam, nameField, oneOf } from '../lib/fields.ts'
import { ROLES, SCOPES } from '../lib/access.ts'
import { MAX_PASSWORD } from './passwords.ts'

export const emailField = z
  .string()
  .trim()
  .max(254, 'At most 254 characters.')
  .regex(/^[^\s@<>"'(),:;\\[\]]{1,64}@[^\s@<>"'(),:;\\[\]]{1,190}$/, 'An e-mail address, such as ruth@example.org.')
  .refine((text) => text.isWellFormed(), 'An e-mail address, such as ruth@example.org.')

/** How long it must be is said by passwords.ts, in words that fit. */
export const passwordField = z
  .string()
  .min(1, 'Type a password.')
  .max(MAX_PASSWORD, `At most ${MAX_PASSWORD} characters.`)
/** Whoever copies a line often has its end too. */
export const tokenField = z.string().trim().min(1, 'Copy it out of the link.').max(500, 'At most 500 characters.')
export const next = z.string().max(2000).optional()

export const setupBody = z.strictObject({
  token: tokenField,
  email: emailField,
  name: nameField,
  password: passwordField,
})
export const acceptBody = z.strictObject({ token: tokenField, name: nameField.optional(), password: passwordField })

export const mePatch = z.strictObject({ name: nameField.optional(), theme: oneOf(THEMES).optional() })
export const passwordBody = z.strictObject({ current_password: passwordField, password: passwordField })
export const passwordOnly = z.strictObject({ password: passwordField })
export const codeBody = z.strictObject({
  code: z.string().trim().min(1, 'Type the code that your app shows now.').max(40, 'At most 40 characters.'),
})

export const userCreate = z.strictObject({ email: emailField, name: nameField, role: oneOf(ROLES) })
export const userPatch = z.strictObject({
  email: emailField.optional(),
  name: nameField.optional(),
  role: oneOf(ROLES).optional(),
  status: oneOf(['active', 'disabled']).optional(),
})
export const userParams = z.object({ id: idParam })

const time = z.iso.datetime()
export const userResource = z.object({
  id: z.int(),
  email: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  status: z.enum(USER_STATUS),
  two_factor: z.boolean(),
  last_seen_at: time.nullable(),
  created_at: time,
  updated_at: time,
  link: z.string().optional().describe('In the answers of create and reset alone, once.'),
})
export const meResource = userResource
  .omit({ link: true })
  .extend({ theme: z.enum(THEMES), recovery_codes_left: z.int() })
export const twoFactorSeed = z.object({ secret: z.string(), otpauth_url: z.string() })
export const recoveryCodes = z.object({ recovery_codes: z.array(z.string()) })

const scopes = z
  .array(oneOf(SCOPES))
  .min(1, 'At least one.')
  .max(SCOPES.length)
  .transform((list) => [...new Set(list)])
/** One box ticked sends a word, two a list. */
const scopesField = z.preprocess((value) => (typeof value === 'string' ? [value] : value), scopes)
/** A day counts to its end, in UTC. */
const EXPIRES_WORDS = 'A day such as 2027-01-31, a time such as 2027-01-31T20:00:00Z, or null for no end.'
const expires = z
  .union([
    z.iso.datetime({ offset: true, error: EXPIRES_WORDS }),
    z.iso.date(EXPIRES_WORDS).transform((day) => `${day}T23:59:59.999Z`),
  ])
  .nullable()
export const keyCreate = z.strictObject({ name: nameField, scopes: scopesField, expires_at: expires.optional() })
export const keyPatch = z.strictObject({
  name: nameField.optional(),
  scopes: scopesField.optional(),
  expires_at: expires.optional(),
})
export const keyResource = z.object({
  id: z.int(),
  user_id: z.int().nullable(),
  name: z.string(),
  prefix: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  expires_at: time.nullable(),
  last_used_at: time.nullable(),
  created_at: time,
  key: z.string().optional().describe('In the answer of create alone, once.'),
})

export const sessionParams = z.object({ id: z.string().regex(/^[\w-]{16}$/) })
export const sessionResource = z.object({
  id: z.string(),
  current: z.boolean(),
  address: z.string(),
  user_agent: z.string(),
  created_at: time,
  last_seen_at: time,
  expires_at: time,
})

export type UserResource = z.infer<typeof userResource>
export type MeResource = z.infer<typeof meResource>
export type KeyResource = z.infer<typeof keyResource>
export type SessionResource = z.infer<typeof sessionResource>
