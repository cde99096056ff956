import type { Hono } from 'hono'
import { AppError, isAppError } from '../errors.ts'
import { may, type Relation, type Right } from '../lib/access.ts'
import { type AuditName, type AuditSink, tellRefusal, toAuditName, watchAct } from './audit.ts'
import type { Access, Endpoint, HttpContext, HttpEnv } from './endpoint.ts'
import { checkLength } from './guard.ts'
import { MAX_BODY_BYTES } from './input.ts'
import { toProblemResponse } from './problems.tsx'
import type { RateKind } from './rate-limits.ts'

/** One row of the table of routes; `path` as Hono has it (`/api/inputs/:id`). */
export type Route = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  access: Access
  endpoint: Endpoint
  /** Counts as an upload. */
  isUpload?: boolean
  /** A POST that changes nothing of account, and that many send: counted as a look, not written down. */
  isLook?: boolean
  relationOf?: RelationOf
}

/**
 * Of a route about one thing that belongs to somebody: what who asks is to it. Asked before the right.
 * @throws AppError not_found where it is not there for them
 */
export type RelationOf = (c: HttpContext) => Relation | null

const SEE_PAGE: AuditName = { noun: 'page', verb: 'see', param: null, parent: null }

/** A page: what a browser shows, apart from the API. */
export type PageRoute = {
  method?: 'POST'
  path: string
  access: Access
  /** What the audit log calls it, where it does something. */
  act?: AuditName
  relationOf?: RelationOf
  handle(c: HttpContext): Promise<Response> | Response
}

/** Mounts pages under the same rule as routes. */
export function mountPageRoutes(app: Hono<HttpEnv>, pages: readonly PageRoute[], d: RouterDeps = {}): void {
  for (const { method = 'GET', path, access, act, relationOf, handle } of pages) {
    app.on(method, path, async (c) => {
      try {
        d.countRequest?.(c, null)
        requireRight(c, access, relationOf?.(c))
      } catch (error) {
        if (d.audit) await tellRefusal(c, act ?? SEE_PAGE, d.audit, error)
        throw error
      }
      return act && d.audit ? watchAct(c, act, d.audit, async () => handle(c)) : handle(c)
    })
  }
}

export type RouterDeps = {
  audit?: AuditSink | undefined
  /** `kind`: null = as its method says. @throws AppError busy where whoever asks has asked too often */
  countRequest?(c: HttpContext, kind: RateKind | null): void
}

/**
 * Mounts the table: the one place where rights are asked for. HEAD answers as GET; a known path with another method is 405
 * with `Allow`.
 */
export function mountRoutes(app: Hono<HttpEnv>, routes: readonly Route[], d: RouterDeps = {}): void {
  for (const route of routes) {
    const { method, path, access, endpoint } = route
    const name = toAuditName(route, routes)
    app.on(method, path, async (c) => {
      try {
        // Counted first: whoever tries addresses of what is not theirs gets no answer for ever.
        d.countRequest?.(c, route.isLook ? 'reads' : route.isUpload ? 'uploads' : null)
        requireRight(c, access, route.relationOf?.(c))
        checkLength(c.req.raw, endpoint.maxBodyBytes ?? MAX_BODY_BYTES)
      } catch (error) {
        if (d.audit && !route.isLook) await tellRefusal(c, name, d.audit, error)
        throw error
      }
      if (!d.audit || route.isLook) return endpoint.run(c)
      if (method !== 'GET') return watchAct(c, name, d.audit, () => endpoint.run(c))
      try {
        return await endpoint.run(c)
      } catch (error) {
        // What is looked at may itself ask for a right.
        if (isAppError(error) && error.kind === 'forbidden') await tellRefusal(c, name, d.audit, error)
        throw error
      }
    })
  }
  const methods = new Map<string, { names: Set<string>; rights: Right[] }>()
  for (const { method, path, access } of routes) {
    const entry = methods.get(path) ?? { names: new Set<string>(), rights: [] }
    entry.names.add(method)
    if (method === 'GET') entry.names.add('HEAD')
    entry.rights.push(access)
    methods.set(path, entry)
  }
  for (const [path, { names, rights }] of methods) {
    const allow = [...names].sort().join(', ')
    app.all(path, (c) => {
      // Whoever may do nothing here does not learn what there is.
      const right = rights.find((each) => may(c.get('actor'), each)) ?? rights[0]
      if (right) requireRight(c, right)
      const error = new AppError({
        kind: 'method_not_allowed',
        code: 'method_not_allowed',
        message: `This address takes ${allow}.`,
      })
      const answer = toProblemResponse(c, error)
      answer.headers.set('allow', allow)
      return answer
    })
  }
}

/**
 * Lets those pass who may. A page sends strangers to sign in; to the API a wrong key is worth saying and counting.
 * @throws AppError unauthorized; forbidden; busy after too many wrong keys
 */
export function requireRight(c: HttpContext, right: Right, relation: Relation | null = null): void {
  const actor = c.get('actor')
  if (may(actor, right, relation)) return
  if (actor.kind !== 'anonymous') throw notAllowed(right)
  const refuse = c.get('refuseKey')
  if (refuse && c.req.path.startsWith('/api/')) throw refuse()
  throw new AppError({
    kind: 'unauthorized',
    code: 'auth.no_key',
    message: 'Show the API key (Authorization: Bearer KEY), or sign in.',
  })
}

function notAllowed(right: Right): AppError {
  const message =
    right === 'self'
      ? 'This belongs to a person: sign in with your own account in a browser.'
      : 'Your role or your key does not allow this. An administrator can change that.'
  return new AppError({ kind: 'forbidden', code: 'auth.not_allowed', message })
}
