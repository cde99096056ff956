import type { Database } from '../db/client.ts'
import { createKeyAuth } from '../http/key-auth.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { SecretBox } from '../lib/secret-box.ts'
import { openKeys } from './keys.service.ts'
import { createPasswords } from './passwords.ts'
import { openSessions } from './session.service.ts'
import { createSignIn } from './sign-in.ts'
import { createBrowserMarks, createSignInThrottle } from './sign-in-throttle.ts'
import { createTwoFactor } from './two-factor.ts'
import { openUsers } from './users.service.ts'

export type AccountsDeps = {
  db: Database
  clock: Clock
  log: Log
  secrets: SecretBox
  secretKey: Uint8Array
  /** The server's own key. */
  apiKey: string
  cookieName: string
}

export type Accounts = Awaited<ReturnType<typeof openAccounts>>

/** Everything about who may come in, put together. */
export async function openAccounts(d: AccountsDeps) {
  const { clock, secrets } = d
  const passwords = await createPasswords()
  const users = await openUsers({ ...d, passwords })
  const sessions = await openSessions({ ...d, users })
  const apiKeys = await openKeys({ ...d, users })
  const keys = createKeyAuth({ key: d.apiKey, clock, find: apiKeys.identify })
  const twoFactor = createTwoFactor({ users, secrets, clock, issuer: 'Weir' })
  const marks = createBrowserMarks(d.secretKey)
  const signInThrottle = createSignInThrottle({ clock })
  const signIn = createSignIn({ users, passwords, marks, twoFactor, throttle: signInThrottle })
  return { passwords, users, sessions, apiKeys, keys, twoFactor, marks, signInThrottle, signIn }
}
