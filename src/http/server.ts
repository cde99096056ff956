import { Hono } from 'hono'
import { AppError } from '../errors.ts'
import type { Clock } from '../lib/clock.ts'
import { newId } from '../lib/ids.ts'
import type { Log } from '../lib/log.ts'
import type { PageFiles } from '../ui/layout.tsx'
import { type AuditSink, BY_ANOTHER_SITE, tellRefusal } from './audit.ts'
import { createClientAddress, createProxyCheck, toPlace } from './client-address.ts'
import { createCors } from './cors.ts'
import { type Access, type Actor, type HttpContext, type HttpEnv, STRANGER } from './endpoint.ts'
import { checkAddress, checkLength, checkSameOrigin, mayUseCookie, securityHeaders } from './guard.ts'
import type { KeyAuth } from './key-auth.ts'
import { toProblemResponse } from './problems.tsx'
import { readPasses } from './passes.ts'
import type { RateKind, RateLimits } from './rate-limits.ts'
import { mountPageRoutes, mountRoutes, type PageRoute, type Route, requireRight } from './router.ts'

/** No request may say that its body is larger, where nobody says more. Routes that read a body have limits of their own, while they read too. */
const MAX_REQUEST_BYTES = 24 * 1024 * 1024
/** Bun's own limit answers without a word and without an id, so it stands out of reach. What no route reads is not kept. */
const BUN_MAX_REQUEST_BYTES = 2 ** 40
const DRAIN_MS = 1000

/** Who signed in, by the cookie that the browser kept. */
export type CookieAuth = {
  /** Null where the request has no session that is (still) good. */
  identify(c: HttpContext): Actor | null
}

export type HttpOptions = {
  routes: readonly Route[]
  pages?: readonly PageRoute[]
  /** Static files, mounted after the routes. */
  mount?(app: Hono<HttpEnv>): void
  keys: KeyAuth
  sessions?: CookieAuth
  /** What a page that stands alone loads: a problem, a refused form. */
  pageFiles?: PageFiles
  /** Told of every change and every refused attempt. */
  audit?: AuditSink
  limits?: RateLimits
  /** Pages of other sites that may use the API with a key. */
  corsOrigins?: readonly string[]
  /** Of the largest route. */
  maxRequestBytes?: number
  publicUrl: string | null
  trustedProxies: readonly string[]
  clock: Clock
  log: Log
}

export type Http = {
  /** Answers a request without a socket; `server` is there when one came over a socket. */
  fetch(request: Request, server?: Bun.Server<undefined>): Promise<Response>
  /** Every route and page with the right that it asks for. */
  rules: readonly { method: string; path: string; access: Access }[]
  /** Whatever is mounted, as Hono has it; for the check that nothing lacks a rule. */
  mounted(): { method: string; path: string }[]
  /** As `fetch`, for whoever the caller knows to be at the other end. */
  fetchAs(actor: Actor, request: Request): Promise<Response>
  /** Opens the port. @throws AppError unavailable `http.port_taken` */
  listen(o: { host: string; port: number }): { url: string; port: number; close(): Promise<void> }
}

/** The HTTP edge: identity, guards, headers and errors, alike for every route. */
export function createHttp(o: HttpOptions): Http {
  const app = new Hono<HttpEnv>()
  const addressOf = createClientAddress(o.trustedProxies)
  const isProxy = createProxyCheck(o.trustedProxies)
  const cors = createCors(o.corsOrigins ?? [])
  const pageList = o.pages ?? []
  const pages = new Map(pageList.filter(({ method }) => !method).map(({ path, handle }) => [path, handle]))
  const common = Object.entries(securityHeaders(o.publicUrl))

  app.use(async (c, next) => {
    const requestId = newId()
    const startedAt = o.clock.now()
    const log = o.log.child({ request_id: requestId })
    c.set('requestId', requestId)
    c.set('log', log)
    if (o.pageFiles) c.set('pageFiles', o.pageFiles)
    c.set('pages', pages)
    c.set('actor', STRANGER)
    await next()
    c.res.headers.set('x-request-id', requestId)
    for (const [name, value] of common) if (!c.res.headers.has(name)) c.res.headers.set(name, value)
    cors.mark(c.req.raw, c.res.headers)
    if (c.req.method === 'HEAD') await setLength(c)
    const durationMs = Math.round(o.clock.now() - startedAt)
    log.debug('request', { method: c.req.method, path: c.req.path, status: c.res.status, duration_ms: durationMs })
  })
  app.use(async (c, next) => {
    const peer = c.env?.server?.requestIP(c.req.raw)?.address ?? ''
    checkAddress(c.req.raw)
    const address = addressOf(peer, c.req.header('x-forwarded-for'))
    c.set('clientAddress', address)
    const preflight = cors.preflight(c.req.raw)
    if (preflight) return preflight
    const isGuestPage = cors.allows(c.req.raw.headers.get('origin'))
    try {
      if (!isGuestPage) checkSameOrigin(c.req.raw, o.publicUrl)
    } catch (error) {
      throw await refuseOtherSite(c, error)
    }
    checkLength(c.req.raw, Math.max(MAX_REQUEST_BYTES, o.maxRequestBytes ?? 0))
    const isHttps = o.publicUrl?.startsWith('https:') ?? false
    c.set('isSecure', isHttps || (isProxy(peer) && c.req.header('x-forwarded-proto') === 'https'))
    const known = c.env?.actor
    if (known) c.set('actor', known)
    else identify(c, address, isGuestPage)
    await next()
    return undefined
  })
  mountRoutes(app, o.routes, { audit: o.audit, countRequest })
  mountPageRoutes(app, pageList, { audit: o.audit, countRequest })
  o.mount?.(app)
  app.notFound((c) => {
    try {
      // Whoever shows no key does not learn which addresses of the API exist.
      if (c.req.path.startsWith('/api/')) requireRight(c, 'see')
      throw new AppError({ kind: 'not_found', code: 'not_found', message: 'There is nothing at this address.' })
    } catch (error) {
      return toProblemResponse(c, error)
    }
  })
  app.onError((error, c) => toProblemResponse(c, error))

  /** A key that is shown decides alone: a program's cookie jar must not turn a wrong key into a right one. */
  function identify(c: HttpContext, address: string, isGuestPage: boolean): void {
    const byKey = o.keys.identify(c.req.raw.headers)
    if (byKey) return c.set('actor', byKey)
    const shown = o.keys.look(c.req.raw.headers)
    const mayHaveSession = (shown === 'none' || shown === 'foreign') && !isGuestPage && mayUseCookie(c.req.raw)
    const bySession = mayHaveSession ? o.sessions?.identify(c) : null
    if (bySession) c.set('actor', bySession)
    else if (shown !== 'none') c.set('refuseKey', () => o.keys.refuse(address))
    const passes = mayHaveSession ? readPasses(c.req.raw.headers) : []
    if (passes.length > 0) c.set('actor', { ...c.get('actor'), passes })
  }

  /** Such a request reaches no route, so it is counted here, as that of a stranger. @returns what to tell */
  async function refuseOtherSite(c: HttpContext, refusal: unknown): Promise<unknown> {
    let told = refusal
    try {
      countRequest(c, null)
    } catch (limited) {
      told = limited
    }
    if (o.audit) await tellRefusal(c, BY_ANOTHER_SITE, o.audit, told)
    return told
  }

  function countRequest(c: HttpContext, kind: RateKind | null): void {
    const isLook = c.req.method === 'GET' || c.req.method === 'HEAD'
    const actor = c.get('actor')
    const who = actor.kind === 'anonymous' ? toPlace(c.get('clientAddress')) : actor.id
    const waitSeconds = o.limits?.take(kind ?? (isLook ? 'reads' : 'writes'), who) ?? null
    if (waitSeconds === null) return
    throw new AppError({
      kind: 'busy',
      code: 'request.limited',
      message: 'Too many requests came from you. Wait a little.',
      retryAfterSeconds: waitSeconds,
    })
  }

  const answer = async (request: Request, server?: Bun.Server<undefined>) =>
    app.fetch(request, server ? { server } : {})
  return {
    fetch: answer,
    rules: [
      ...o.routes.map(({ method, path, access }) => ({ method, path, access })),
      ...pageList.map(({ method = 'GET', path, access }) => ({ method, path, access })),
    ],
    mounted: () => app.routes.map(({ method, path }) => ({ method, path })),
    fetchAs: async (actor, request) => app.fetch(request, { actor }),
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
