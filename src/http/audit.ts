import { isAppError } from '../errors.ts'
import type { Actor, HttpContext } from './endpoint.ts'
import type { Route } from './router.ts'

type Facts = Record<string, unknown>

/** One act that was done or refused. */
export type AuditEntry = {
  actor: Pick<Actor, 'id' | 'name'>
  address: string
  /** `input.start`, `user.edit`; `page.see` for a refused look. */
  action: string
  /** `input:3`; '' where there is none. */
  target: string
  status: number
  code: string | null
  requestId: string
  /** Only what differs, without secrets. */
  before: Facts | null
  after: Facts | null
}

export type AuditSink = {
  /** What can be set of a thing, as it is now and without secrets; null where it is not there or has nothing. */
  read(target: string): Promise<Facts | null>
  write(entry: AuditEntry): Promise<void>
}

/** What the audit log calls a route: `POST /api/inputs/:id/outputs/:oid/start` is `output.start` of an output. */
export type AuditName = { noun: string; verb: string; param: string | null; parent: string | null }

const VERBS = { GET: 'see', POST: 'create', PUT: 'edit', PATCH: 'edit', DELETE: 'delete' } as const

/** Names a route by its path. A last word that is no collection of the table is an act on what stands before it. */
export function toAuditName(
  route: Pick<Route, 'method' | 'path'>,
  all: readonly Pick<Route, 'method' | 'path'>[],
): AuditName {
  const parts = route.path.split('/').filter((part) => part !== '' && part !== 'api')
  const words = parts.filter((part) => !part.startsWith(':'))
  const last = parts.at(-1) ?? ''
  const isNoun =
    words.length === 1 ||
    last.startsWith(':') ||
    route.method === 'GET' ||
    all.some((other) => isCollection(other, route.path))
  const noun = (isNoun ? words.at(-1) : words.at(-2)) ?? last
  const at = parts.indexOf(noun)
  const param = parts[at + 1]?.startsWith(':') ? (parts[at + 1]?.slice(1) ?? null) : null
  const isOfParent = param === null && parts[at - 1]?.startsWith(':')
  // A plain form knows no PATCH and posts to the thing itself.
  const verb = isNoun
    ? last.startsWith(':') && route.method === 'POST'
      ? 'edit'
      : VERBS[route.method]
    : last.replaceAll('-', '_')
  return {
    noun: toSingular(noun),
    verb,
    param,
    parent: isOfParent ? `${toSingular(parts[at - 2] ?? '')}:${parts[at - 1]}` : null,
  }
}

function isCollection(route: Pick<Route, 'method' | 'path'>, path: string): boolean {
  return route.path.startsWith(`${path}/:`) || (route.method === 'GET' && route.path === path)
}

/** `images` is `image`; `status` and `stats` are words already, and `openapi.json` is a file. */
const toSingular = (word: string) =>
  word
    .replace(/\.\w+$/, '')
    .replace(/(?<!u|s|stat)s$/, '')
    .replaceAll('-', '_')

/** Runs an act between two looks at what it changes. */
export async function watchAct(
  c: HttpContext,
  name: AuditName,
  sink: AuditSink,
  run: () => Promise<Response>,
): Promise<Response> {
  const target = targetOf(c, name)
  const before = await sink.read(target)
  const tell = async (status: number, code: string | null, told: string, after: Facts | null) => {
    const isDone = status < 400
    const diff = isDone ? toDiff(before, withSecrets(c, after)) : { before: null, after: null }
    const about = c.get('about')
    await sink.write({
      actor: c.get('actor'),
      address: c.get('clientAddress') ?? '',
      action: `${name.noun}.${name.verb}`,
      target: told,
      status,
      code,
      requestId: c.get('requestId'),
      before: diff.before,
      after: about ? { ...about, ...diff.after } : diff.after,
    })
  }
  let answer: Response
  try {
    answer = await run()
  } catch (error) {
    await tell(isAppError(error) ? error.status : 500, isAppError(error) ? error.code : 'internal', target, null)
    throw error
  }
  const made = /^\/api\/[\w-]+\/(?:.*\/)?([\w-]+)$/.exec(answer.headers.get('location') ?? '')?.[1]
  const told = answer.status === 201 && made && name.verb === 'create' ? `${name.noun}:${made}` : target
  const refusal = c.get('refusal')
  await tell(refusal?.status ?? answer.status, refusal?.code ?? null, told, refusal ? null : await sink.read(told))
  return answer
}

/** What a page of another site tried with somebody's browser: which thing it meant is not looked at. */
export const BY_ANOTHER_SITE: AuditName = { noun: 'request', verb: 'cross_site', param: null, parent: null }

/** A refusal before anything was run: no right, too many requests, another site. */
export async function tellRefusal(c: HttpContext, name: AuditName, sink: AuditSink, error: unknown): Promise<void> {
  if (!isAppError(error)) return
  const actor = c.get('actor')
  const isLook = c.req.method === 'GET' || c.req.method === 'HEAD'
  // A stranger who opens a page is sent to sign in: that is no attempt at anything.
  if (isLook && actor.kind === 'anonymous' && error.code === 'auth.no_key') return
  // What is not there for them was not refused.
  if (error.status === 404) return
  await sink.write({
    actor,
    address: c.get('clientAddress') ?? '',
    action: `${name.noun}.${name.verb}`,
    target: isLook || name === BY_ANOTHER_SITE ? c.req.path.slice(0, 200) : targetOf(c, name),
    status: error.status,
    code: error.code,
    requestId: c.get('requestId'),
    before: null,
    after: null,
  })
}

function targetOf(c: HttpContext, { noun, param, parent }: AuditName): string {
  const { user } = c.get('actor')
  if (noun === 'me') return user ? `user:${user.id}` : ''
  const param_ = (name: string) => (c.req.param(name as never) as string | undefined)?.slice(0, 100) ?? ''
  if (param !== null) return `${noun}:${param_(param)}`
  if (parent === null) return ''
  const [parentNoun = '', name = ''] = parent.split('::')
  return `${parentNoun}:${param_(name)}`
}

/** Fields that were sent and never come back are named, not shown. */
function withSecrets(c: HttpContext, after: Facts | null): Facts | null {
  const hidden = (c.get('fields') ?? []).filter((name) => after !== null && !(name in after) && name !== 'next')
  return hidden.length === 0 ? after : { ...after, ...Object.fromEntries(hidden.map((name) => [name, '***'])) }
}

function toDiff(before: Facts | null, after: Facts | null): { before: Facts | null; after: Facts | null } {
  if (before === null || after === null) return { before, after }
  const changed = Object.keys(after).filter((name) => !Bun.deepEquals(before[name], after[name]))
  if (changed.length === 0) return { before: null, after: null }
  const pick = (facts: Facts) =>
    Object.fromEntries(changed.filter((name) => name in facts).map((name) => [name, facts[name]]))
  return { before: pick(before), after: pick(after) }
}
