import type { UserRow } from '../db/tables/users.ts'
import { AppError, invalidField } from '../errors.ts'
import type { Clock } from '../lib/clock.ts'
import type { SecretBox } from '../lib/secret-box.ts'
import { findTotpStep, hashRecoveryCode, newRecoveryCodes, newTotpSeed, toOtpauthUrl } from './totp.ts'
import type { Users } from './users.service.ts'

export type TwoFactor = ReturnType<typeof createTwoFactor>

/** Letters of a recovery code, without its dashes. */
const RECOVERY_LENGTH = 16

const placeOf = (id: number) => `user/${id}/totp`

/** Two-factor sign-in of one person: a seed in their app, and ten codes on paper. */
export function createTwoFactor(d: { users: Users; secrets: SecretBox; clock: Clock; issuer: string }) {
  const seedOf = (row: UserRow) => (row.totpSealed === null ? null : d.secrets.open(row.totpSealed, placeOf(row.id)))

  return {
    /** A new seed, which is not asked for until a code of it was shown. @throws AppError conflict where it is on */
    async begin(id: number): Promise<{ secret: string; otpauth_url: string }> {
      const row = d.users.find(id)
      if (row.totpOn) throw alreadyOn()
      const seed = newTotpSeed()
      await d.users.update(id, { totpSealed: d.secrets.seal(seed, placeOf(id)), totpStep: 0 })
      return { secret: seed, otpauth_url: toOtpauthUrl(seed, row.email, d.issuer) }
    },
    /** The seed that no code was shown of yet. */
    pending(id: number): { secret: string; otpauth_url: string } | null {
      const row = d.users.find(id)
      const seed = row.totpOn ? null : seedOf(row)
      return seed === null ? null : { secret: seed, otpauth_url: toOtpauthUrl(seed, row.email, d.issuer) }
    },
    /** Turns it on. @returns the recovery codes, shown this once */
    async confirm(id: number, code: string): Promise<string[]> {
      const row = d.users.find(id)
      const seed = seedOf(row)
      if (row.totpOn) throw alreadyOn()
      if (seed === null)
        throw new AppError({ kind: 'conflict', code: 'two_factor.not_begun', message: 'Begin with a new seed.' })
      const step = findTotpStep(seed, code.replaceAll(' ', ''), d.clock.wall(), row.totpStep)
      if (step === null) throw invalidField('code', 'This is not the code that your app shows now.')
      const codes = newRecoveryCodes()
      await d.users.update(id, { totpOn: true, totpStep: step, recoveryHashes: codes.map(hashRecoveryCode) })
      return codes
    },
    async end(id: number): Promise<void> {
      await d.users.update(id, { totpSealed: null, totpOn: false, totpStep: 0, recoveryHashes: [] })
    },
    /** Whether the second factor fits, and spends it, once however many try; true where none is asked for. */
    async spend(row: UserRow, code: string | undefined): Promise<boolean> {
      const seed = seedOf(row)
      if (!row.totpOn || seed === null) return true
      const typed = (code ?? '').replaceAll(' ', '')
      const hash = hashRecoveryCode(typed)
      return d.users.claim(row.id, ({ totpStep, recoveryHashes }) => {
        const step = findTotpStep(seed, typed, d.clock.wall(), totpStep)
        if (step !== null) return { totpStep: step }
        if (typed.length < RECOVERY_LENGTH || !recoveryHashes.includes(hash)) return null
        return { recoveryHashes: recoveryHashes.filter((each) => each !== hash) }
      })
    },
  }
}

const alreadyOn = () =>
  new AppError({ kind: 'conflict', code: 'two_factor.on', message: 'Two-factor sign-in is on already.' })
