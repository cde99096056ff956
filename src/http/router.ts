import type { Hono } from 'hono'
import { AppError } from '../errors.ts'
import type { Access, Endpoint, HttpContext, HttpEnv } from './endpoint.ts'
import { toProblemResponse } from './problems.tsx'

/** One row of the table of routes; `path` as Hono has it (`/api/inputs/:id`). */
export type Route = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  access: Access
  endpoint: Endpoint
}

/** Mounts the table. HEAD answers as GET; a known path with another method is 405 with `Allow`. */
export function mountRoutes(app: Hono<HttpEnv>, routes: readonly Route[]): void {
  for (const { method, path, access, endpoint } of routes) {
    app.on(method, path, (c) => {
      if (access === 'key') requireKey(c)
      return endpoint.run(c)
    })
  }
  const methods = new Map<string, { names: Set<string>; isPublic: boolean }>()
  for (const { method, path, access } of routes) {
    const entry = methods.get(path) ?? { names: new Set<string>(), isPublic: false }
    entry.names.add(method)
    if (method === 'GET') entry.names.add('HEAD')
    entry.isPublic ||= access === 'public'
    methods.set(path, entry)
  }
  for (const [path, { names, isPublic }] of methods) {
    const allow = [...names].sort().join(', ')
    app.all(path, (c) => {
      if (!isPublic) requireKey(c)
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
 * Lets those pass who showed the key or signed in. A page sends everybody else to sign in; to the API a wrong key is worth
 * saying and counting.
 * @throws AppError unauthorized; busy after too many wrong keys
 */
export function requireKey(c: HttpContext): void {
  if (c.get('actor').kind !== 'anonymous') return
  const refuse = c.get('refuseKey')
  if (refuse && c.req.path.startsWith('/api/')) throw refuse()
  throw new AppError({
    kind: 'unauthorized',
    code: 'auth.no_key',
    message: 'Show the API key (Authorization: Bearer KEY), or sign in.',
  })
}
