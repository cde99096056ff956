import { Hono } from 'hono'
import { getCookie } from 'hono/cookie'
import { AppError } from '../errors.ts'
import type { Clock } from '../lib/clock.ts'
import { newId } from '../lib/ids.ts'
import type { Log } from '../lib/log.ts'
import type { PageFiles } from '../ui/layout.tsx'
import { createClientAddress } from './client-address.ts'
import type { Actor, HttpContext, HttpEnv } from './endpoint.ts'
import { checkAddress, checkLength, checkSameOrigin, mayUseCookie, securityHeaders } from './guard.ts'
import type { KeyAuth } from './key-auth.ts'
import { toProblemResponse } from './problems.tsx'
import { mountRoutes, type Route, requireKey } from './router.ts'

/** No request may say that its body is larger. Routes that read a body have limits of their own, while they read too. */
const MAX_REQUEST_BYTES = 16 * 1024 * 1024
/** Bun's own limit answers without a word and without an id, so it stands out of reach. What no route reads is not kept. */
const BUN_MAX_REQUEST_BYTES = 2 ** 40
const DRAIN_MS = 1000

/** Who signed in, by the cookie that the browser kept. */
export type CookieAuth = {
  cookieName: string
  /** Null for a value that is not (or no longer) good; `setCookie` where the browser shall keep a newer one. */
  identify(value: string): { actor: Actor; setCookie: string | null } | null
}

export type HttpOptions = {
  routes: readonly Route[]
  /** Pages and static files, mounted after the routes. */
  mount?(app: Hono<HttpEnv>): void
  keys: KeyAuth
  sessions?: CookieAuth
  /** What a page that stands alone loads: a problem, a refused form. */
  pageFiles?: PageFiles
  publicUrl: string | null
  trustedProxies: readonly string[]
  clock: Clock
  log: Log
}

export type Http = {
  /** Answers a request without a socket; `server` is there when one came over a socket. */
  fetch(request: Request, server?: Bun.Server<undefined>): Promise<Response>
  /** Opens the port. @throws AppError unavailable `http.port_taken` */
  listen(o: { host: string; port: number }): { url: string; port: number; close(): Promise<void> }
}

/** The HTTP edge: identity, guards, headers and errors, alike for every route. */
export function createHttp(o: HttpOptions): Http {
  const app = new Hono<HttpEnv>()
  const addressOf = createClientAddress(o.trustedProxies)
  const common = Object.entries(securityHeaders(o.publicUrl))

  app.use(async (c, next) => {
    const requestId = newId()
    const startedAt = o.clock.now()
    const log = o.log.child({ request_id: requestId })
    c.set('requestId', requestId)
    c.set('log', log)
    if (o.pageFiles) c.set('pageFiles', o.pageFiles)
    c.set('actor', { kind: 'anonymous', name: 'anonymous' })
    await next()
    c.res.headers.set('x-request-id', requestId)
    for (const [name, value] of common) if (!c.res.headers.has(name)) c.res.headers.set(name, value)
    if (c.req.method === 'HEAD') await setLength(c)
    const durationMs = Math.round(o.clock.now() - startedAt)
    log.debug('request', { method: c.req.method, path: c.req.path, status: c.res.status, duration_ms: durationMs })
  })
  app.use(async (c, next) => {
    const peer = c.env?.server?.requestIP(c.req.raw)?.address ?? ''
    checkAddress(c.req.raw)
    checkSameOrigin(c.req.raw, o.publicUrl)
    checkLength(c.req.raw, MAX_REQUEST_BYTES)
    const address = addressOf(peer, c.req.header('x-forwarded-for'))
    c.set('clientAddress', address)
    // A key that is shown decides alone: a program's cookie jar must not turn a wrong key into a right one.
    const shown = o.keys.look(c.req.raw.headers)
    const session = shown === 'none' || shown === 'foreign' ? findSession(c) : null
    if (shown === 'right') c.set('actor', { kind: 'key', name: 'API key' })
    else if (session) c.set('actor', session.actor)
    else if (shown !== 'none') c.set('refuseKey', () => o.keys.refuse(address))
    await next()
    if (session?.setCookie && !c.res.headers.has('set-cookie')) c.res.headers.set('set-cookie', session.setCookie)
  })
  mountRoutes(app, o.routes)
  o.mount?.(app)
  app.notFound((c) => {
    try {
      // Whoever shows no key does not learn which addresses of the API exist.
      if (c.req.path.startsWith('/api/')) requireKey(c)
      throw new AppError({ kind: 'not_found', code: 'not_found', message: 'There is nothing at this address.' })
    } catch (error) {
      return toProblemResponse(c, error)
    }
  })
  app.onError((error, c) => toProblemResponse(c, error))

  function findSession(c: HttpContext) {
    if (!o.sessions || !mayUseCookie(c.req.raw)) return null
    const value = getCookie(c, o.sessions.cookieName)
    return value === undefined ? null : o.sessions.identify(value)
  }

  const answer = async (request: Request, server?: Bun.Server<undefined>) =>
    app.fetch(request, server ? { server } : {})
  return {
    fetch: answer,
    listen({ host, port }) {
      const server = serve(answer, host, port, o.log)
      return {
        url: toUrl(o.publicUrl, host, server.port ?? port),
        port: server.port ?? port,
        async close() {
          const drained = server.stop()
          const cancel = o.clock.after(DRAIN_MS, () => void server.stop(true))
          await drained
          cancel()
        },
      }
    },
  }
}

/** The length that a GET's body has; to a HEAD Bun would say 0 (RFC 9110 9.3.2). A stream's is not known. */
async function setLength(c: HttpContext): Promise<void> {
  if (!c.res.body) return
  const bytes = await c.res.clone().arrayBuffer()
  c.res.headers.set('content-length', String(bytes.byteLength))
}

function serve(
  answer: (request: Request, server: Bun.Server<undefined>) => Promise<Response>,
  hostname: string,
  port: number,
  log: Log,
): Bun.Server<undefined> {
  try {
    return Bun.serve({
      hostname,
      port,
      maxRequestBodySize: BUN_MAX_REQUEST_BYTES,
      development: false,
      // Outside development Bun would share a taken port with whoever has it, and both would get half of the requests.
      reusePort: false,
      fetch: answer,
      error(error) {
        log.error('request failed outside its route', { error })
        return new Response(null, { status: 500 })
      },
    })
  } catch (cause) {
    throw new AppError({
      kind: 'unavailable',
      code: 'http.port_taken',
      message: `Cannot listen on ${hostname}:${port}. Is another program there? Set PORT or HOST.`,
      cause,
    })
  }
}

/** What to type into a browser on this machine, unless PUBLIC_URL says better. */
export function toUrl(publicUrl: string | null, host: string, port: number): string {
  if (publicUrl) return publicUrl
  if (host === '0.0.0.0' || host === '::') return `http://localhost:${port}`
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
