import { chmodSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from './config.ts'
import { AppError } from './errors.ts'
import { openHouse } from './house.ts'
import type { AuditSink } from './http/audit.ts'
import type { Actor } from './http/endpoint.ts'
import { createHttp, type Http, toUrl } from './http/server.ts'
import type { Clock } from './lib/clock.ts'
import type { Log } from './lib/log.ts'
import { createSubjects } from './subjects.ts'
import { createAudit } from './system/audit.service.ts'
import { rotateSecretKey } from './system/secret-key.ts'
import { type Accounts, openAccounts } from './users/accounts.ts'
import { createPeopleTable } from './users/people-table.ts'
import { issueSignInToken, toSignInUrl } from './users/sign-in-link.ts'
import { createSignInLinkRoutes } from './users/sign-in-link.routes.ts'
import { createKeyRoutes, createUserRoutes } from './users/users.routes.tsx'

/** Whoever may write into the data directory: an administrator without a name. */
const COMMAND_LINE: Actor = {
  kind: 'weir',
  id: 'weir',
  name: 'command line',
  role: 'admin',
  scopes: ['admin'],
  user: null,
}

/** Asks the API as the command line. @throws AppError with what the API said */
export type Ask = <T>(method: string, path: string, body?: unknown) => Promise<T>

/** `sun_path` of unix(7), without its closing zero. */
const MAX_SOCKET_PATH = 107

/** Of the socket alone. */
export const SIGN_IN_LINKS = '/api/sign-in-links'

const socketPath = (dir: string) => join(dir, 'weir.sock')

/** Lets the command line of this machine in, by a socket that the owner of the data directory alone can open. */
export function listenForAdmin(dir: string, http: Pick<Http, 'fetchAs'>, log: Log): { close(): Promise<void> } {
  const path = socketPath(dir)
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH) {
    log.warn('the command line cannot reach this server: the path of the data directory is too long')
    return { close: async () => undefined }
  }
  // Of a run that was killed: the lock on the directory says that nobody is behind it.
  rmSync(path, { force: true })
  const server = Bun.serve({ unix: path, fetch: (request) => http.fetchAs(COMMAND_LINE, request) })
  chmodSync(path, 0o600)
  return {
    async close() {
      await server.stop(true)
      rmSync(path, { force: true })
    },
  }
}

export type AdminDeps = {
  accounts: Accounts
  audit: AuditSink
  /** The data directory. */
  dir: string
  /** Where people reach this Weir: what its links begin with. */
  url: string
  clock: Clock
  log: Log
}

/** What the command line may ask: the part of the API that is about people, and a link that signs in, which no other is given. */
export function createAdminHttp({ accounts, audit, dir, url, clock, log }: AdminDeps): Http {
  const makeUrl = (email: string | null) => toSignInUrl(url, issueSignInToken(dir, clock.wall(), email))
  const links = createSignInLinkRoutes({ users: accounts.users, makeUrl })
  return createHttp({
    routes: [
      ...createPeopleTable({
        users: createUserRoutes({ ...accounts, urlOf: () => url }),
        keys: createKeyRoutes(accounts),
      }),
      { method: 'POST', path: SIGN_IN_LINKS, access: 'manage', endpoint: links.create },
    ],
    keys: accounts.keys,
    audit,
    publicUrl: null,
    trustedProxies: [],
    clock,
    log,
  })
}

/** Does something as administrator: through the server that runs, or where none does, under the lock of the directory. */
export async function withAdmin<T>(
  config: Config,
  o: { writeLog(line: string): void },
  work: (ask: Ask) => Promise<T>,
): Promise<T> {
  const path = socketPath(config.data.dir)
  if (existsSync(path)) {
    const send = (request: Request) => fetch(request, { unix: path } as RequestInit)
    // A socket that nobody listens at was left by a run that was killed.
    if (await answers(send)) return work(toAsk(send))
  }
  await using stack = new AsyncDisposableStack()
  const http = await openOffline(config, o.writeLog, stack)
  // Awaited here, so that the database is closed after it.
  return await work(toAsk((request) => http.fetchAs(COMMAND_LINE, request)))
}

async function answers(send: (request: Request) => Promise<Response>): Promise<boolean> {
  try {
    await send(new Request('http://weir/'))
    return true
  } catch {
    return false
  }
}

function toAsk(send: (request: Request) => Promise<Response>): Ask {
  return async <T>(method: string, path: string, body?: unknown) => {
    const json =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
    const answer = await send(new Request(`http://weir${path}`, { method, ...json }))
    const text = await answer.text()
    if (answer.ok) return (text === '' ? undefined : JSON.parse(text)) as T
    const problem = JSON.parse(text) as { detail: string; code: string; errors?: { path: string; message: string }[] }
    const fields = problem.errors?.map((error) => `${error.path}: ${error.message}`).join(' ')
    throw new AppError({ kind: 'invalid', code: problem.code, message: fields || problem.detail })
  }
}

/** The part of the API that is about people, over the database itself. */
async function openOffline(
  config: Config,
  writeLog: (line: string) => void,
  stack: AsyncDisposableStack,
): Promise<Http> {
  const { data, db, log, clock, secrets } = await openHouse(config, writeLog, stack)
  const { apiKey, secretKey } = data
  const accounts = await openAccounts({ db, clock, log, secrets, secretKey, apiKey, cookieName: 'weir_session' })
  const read = createSubjects({ users: accounts.users, apiKeys: accounts.apiKeys })
  const audit = createAudit({ db, clock, log, keepDays: config.people.auditDays, read })
  stack.defer(audit.close)
  const { publicUrl, host, port } = config.web
  return createAdminHttp({ accounts, audit, dir: data.dir, url: toUrl(publicUrl, host, port), clock, log })
}

/** Encrypts all stored secrets anew; the server must not run. @returns what was done, in words */
export async function rotateKey(
  config: Config,
  o: { writeLog(line: string): void; newKey: string | null },
): Promise<string> {
  if (config.data.secretKey !== null && o.newKey === null)
    throw new AppError({
      kind: 'invalid',
      code: 'secret_key.from_env',
      message: 'SECRET_KEY is set: set SECRET_KEY_NEW too, run this, then give the server the new one as SECRET_KEY.',
    })
  await using stack = new AsyncDisposableStack()
  const { data, db } = await openHouse(config, o.writeLog, stack)
  const { from, to, count } = await rotateSecretKey(db, { dir: config.data.dir, from: data.secretKey, to: o.newKey })
  return `${count} ${count === 1 ? 'secret' : 'secrets'} encrypted anew: key ${from} is void, key ${to} holds.`
}
