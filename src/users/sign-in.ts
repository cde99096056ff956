import type { UserRow } from '../db/tables/users.ts'
import { AppError } from '../errors.ts'
import type { Passwords } from './passwords.ts'
import type { BrowserMarks, SignInThrottle } from './sign-in-throttle.ts'
import type { TwoFactor } from './two-factor.ts'
import { toEmailKey, type Users } from './users.service.ts'

export type Credentials = { email: string; password: string; code?: string | undefined }

export type SignInDeps = {
  users: Users
  passwords: Passwords
  throttle: SignInThrottle
  marks: BrowserMarks
  twoFactor: TwoFactor
}

/** One answer for every cause: who has no account learns nothing about who has. */
export const refused = () =>
  new AppError({
    kind: 'unauthorized',
    code: 'session.refused',
    message: 'Address and password, the key or the link are not right, or no longer.',
  })

/**
 * Finds whoever shows these. It takes the same work for an address that nobody has; tries are counted before anything is
 * looked at, and a right one is given back.
 * @throws AppError unauthorized `session.refused`; busy `session.limited`
 */
export function createSignIn(d: SignInDeps) {
  return async function signIn(o: Credentials & { address: string; mark: string | undefined }): Promise<UserRow> {
    const row = d.users.byEmail(o.email)
    const marked = d.marks.read(o.mark)
    const known = row !== null && marked?.userId === row.id ? marked.browser : null
    const giveBack = d.throttle.begin({ emailKey: toEmailKey(o.email), address: o.address, known })
    const isRight = await d.passwords.verify(o.password, row?.status === 'active' ? row.passwordHash : null)
    if (!row || !isRight || !(await d.twoFactor.spend(row, o.code))) throw refused()
    giveBack()
    return row
  }
}
