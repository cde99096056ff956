import { AppError, invalidField } from '../errors.ts'

/** OWASP Password Storage Cheat Sheet, argon2id: 19 MiB, 2 passes, 1 lane. About 30 ms. */
const COST = { algorithm: 'argon2id', memoryCost: 19_456, timeCost: 2 } as const
/** Each takes 19 MiB and a core: two at once, and those who wait are few. */
const MAX_AT_ONCE = 2
const MAX_WAITING = 50

export const MIN_PASSWORD = 12
export const MAX_PASSWORD = 256

export type Passwords = {
  hash(password: string): Promise<string>
  /** Takes as long where there is nobody (`hash` null) as where the password is wrong. @throws AppError busy */
  verify(password: string, hash: string | null): Promise<boolean>
}

/** Hashing off the request loop (Bun does it on its own threads), a bounded number at once. */
export async function createPasswords(): Promise<Passwords> {
  let running = 0
  const waiting: (() => void)[] = []
  const nobody = await Bun.password.hash('nobody has this password', COST)

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running >= MAX_AT_ONCE) {
      if (waiting.length >= MAX_WAITING)
        throw new AppError({
          kind: 'busy',
          code: 'session.busy',
          message: 'Many people sign in just now. Try again in a moment.',
          retryAfterSeconds: 2,
        })
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else running++
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }

  return {
    hash: (password) => inTurn(() => Bun.password.hash(password.normalize('NFC'), COST)),
    async verify(password, hash) {
      const isRight = await inTurn(() => Bun.password.verify(password.normalize('NFC'), hash ?? nobody))
      return isRight && hash !== null
    },
  }
}

/** What everybody tries first, in letters alone: `Password1234!` is `password`. */
const COMMON = new Set(
  `password passwort passw0rd letmein welcome admin administrator qwerty qwertyuiop qwertzuiop asdfgh asdfghjkl iloveyou
  monkey dragon football baseball superman batman trustno sunshine princess master shadow michael jordan harley
  changeme secret weir weiradmin streaming abc abcdef abcdefgh abcdefghijkl test testtest user root login hello`.split(
    /\s+/,
  ),
)

/** Long enough and not the first thing to be guessed (NIST SP 800-63B 5.1.1.2). @throws AppError invalid at `path` */
export function checkPassword(password: string, about: { email: string; name: string }, path = 'password'): void {
  const letters = [...password.toLowerCase()].length
  if (letters < MIN_PASSWORD)
    throw invalidField(path, `At least ${MIN_PASSWORD} characters. A few words make a good one.`)
  const lower = password.toLowerCase()
  const core = lower.replace(/[^a-z]/g, '')
  const own = [about.email.toLowerCase(), about.email.split('@')[0]?.toLowerCase() ?? '', about.name.toLowerCase()]
  const isOwn = own.some((text) => text.length >= 3 && (lower === text || core === text.replace(/[^a-z]/g, '')))
  const isRow = new Set(lower).size <= 3 || '01234567890123456789'.includes(lower)
  const half = core.slice(0, core.length / 2)
  const isCommon = COMMON.has(core) || (half.length >= 3 && core === half + half && COMMON.has(half))
  if (isOwn || isRow || isCommon)
    throw invalidField(path, 'This is among the first that anybody tries. Choose another.')
}
