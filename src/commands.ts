import { parseArgs } from 'node:util'
import { rotateKey, SIGN_IN_LINKS, withAdmin } from './admin.ts'
import type { Config } from './config.ts'
import { AppError } from './errors.ts'
import { SCOPES } from './lib/access.ts'
import { isDataDir } from './system/data-dir.ts'

const DAY_MS = 24 * 60 * 60 * 1000

export type CommandDeps = { config: Config; writeLog(line: string): void; newSecretKey: string | null }

type Person = { id: number; email: string; link?: string }

/** What the command line can do about people, keys and the secret key; each answers the line to print. */
export const COMMANDS: Record<string, (args: string[], d: CommandDeps) => Promise<string>> = {
  async 'signin-link'(args, d) {
    const email = parse(args, {}).positionals
    if (email.length > 1) throw usage('Usage: weir signin-link [EMAIL]')
    if (!isDataDir(d.config.data.dir))
      throw new AppError({
        kind: 'unavailable',
        code: 'data.unusable',
        message: 'No Weir has run on this data directory yet. Start it first, or check DATA_DIR.',
      })
    const body = { email: email[0] ?? null }
    return withAdmin(d.config, d, async (ask) => (await ask<{ link: string }>('POST', SIGN_IN_LINKS, body)).link)
  },
  async 'user create'(args, d) {
    const { values, positionals } = parse(args, { name: { type: 'string' }, role: { type: 'string' } })
    const email = one(positionals, 'weir user create EMAIL [--name NAME] [--role viewer|editor|operator|admin]')
    const body = { email, name: values['name'] ?? email.split('@')[0], role: values['role'] ?? 'admin' }
    return withAdmin(d.config, d, async (ask) => (await ask<Person>('POST', '/api/users', body)).link ?? '')
  },
  async 'user reset'(args, d) {
    const email = one(parse(args, {}).positionals, 'weir user reset EMAIL')
    return withAdmin(d.config, d, async (ask) => {
      const people = await ask<Person[]>('GET', '/api/users')
      const person = people.find((each) => each.email.toLowerCase() === email.toLowerCase())
      if (!person) throw usage(`Nobody has the address ${email}.`)
      return (await ask<Person>('POST', `/api/users/${person.id}/reset`)).link ?? ''
    })
  },
  async 'key create'(args, d) {
    const { values, positionals } = parse(args, { scopes: { type: 'string' }, days: { type: 'string' } })
    const name = one(positionals, `weir key create NAME [--scopes ${SCOPES.join(',')}] [--days DAYS]`)
    const days = values['days']
    if (days !== undefined && !/^[1-9]\d{0,4}$/.test(String(days))) throw usage('--days takes a whole number.')
    const expires_at = days === undefined ? null : new Date(Date.now() + Number(days) * DAY_MS).toISOString()
    const scopes = String(values['scopes'] ?? 'read').split(',')
    return withAdmin(d.config, d, async (ask) => {
      const made = await ask<{ key: string }>('POST', '/api/keys', { name, scopes, expires_at })
      return made.key
    })
  },
  async 'secret rotate'(args, d) {
    parse(args, {})
    return rotateKey(d.config, { writeLog: d.writeLog, newKey: d.newSecretKey })
  },
}

function parse(args: string[], options: Record<string, { type: 'string' }>) {
  try {
    return parseArgs({ args, options, allowPositionals: true })
  } catch (error) {
    throw usage(error instanceof Error ? error.message : 'These options are not known.')
  }
}

function one(positionals: string[], how: string): string {
  const [value, ...rest] = positionals
  if (value !== undefined && rest.length === 0) return value
  throw usage(`Usage: ${how}`)
}

function usage(message: string): AppError {
  return new AppError({ kind: 'invalid', code: 'usage', message })
}
