import { Hono } from 'hono'
import { AppError } from '../errors.ts'
import type { Clock } from '../lib/clock.ts'
import { newId } from '../lib/ids.ts'
import type { Log } from '../lib/log.ts'
import { createClientAddress } from './client-address.ts'
import type { HttpEnv } from './endpoint.ts'
import { checkAddress, checkSameOrigin, securityHeaders } from './guard.ts'
import { createKeyAuth } from './key-auth.ts'
import { toProblemResponse } from './problems.tsx'
import { mountRoutes, type Route, requireKey } from './router.ts'

/** A body that no route reads is cut off here; routes that do have smaller limits of their own. */
const MAX_REQUEST_BYTES = 16 * 1024 * 1024
const DRAIN_MS = 1000

export type HttpOptions = {
  routes: readonly Route[]
  /** Pages and static files, mounted after the routes. */
  mount?(app: Hono<HttpEnv>): void
  apiKey: string
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
  const auth = createKeyAuth({ key: o.apiKey, clock: o.clock })
  const addressOf = createClientAddress(o.trustedProxies)
  const common = Object.entries(securityHeaders(o.publicUrl))

  app.use(async (c, next) => {
    const requestId = newId()
    const startedAt = o.clock.now()
    const log = o.log.child({ request_id: requestId })
    c.set('requestId', requestId)
    c.set('log', log)
    c.set('actor', { kind: 'anonymous', name: 'anonymous' })
    await next()
    c.res.headers.set('x-request-id', requestId)
    for (const [name, value] of common) if (!c.res.headers.has(name)) c.res.headers.set(name, value)
    const durationMs = Math.round(o.clock.now() - startedAt)
    log.debug('request', { method: c.req.method, path: c.req.path, status: c.res.status, duration_ms: durationMs })
  })
  app.use(async (c, next) => {
    const peer = c.env?.server?.requestIP(c.req.raw)?.address ?? ''
    checkAddress(c.req.raw)
    checkSameOrigin(c.req.raw, o.publicUrl)
    c.set('actor', auth.identify(c.req.raw.headers, addressOf(peer, c.req.header('x-forwarded-for'))))
    await next()
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
      maxRequestBodySize: MAX_REQUEST_BYTES,
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
function toUrl(publicUrl: string | null, host: string, port: number): string {
  if (publicUrl) return publicUrl
  if (host === '0.0.0.0' || host === '::') return `http://localhost:${port}`
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
