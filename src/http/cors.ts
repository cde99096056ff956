const PREFLIGHT = {
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
  'access-control-allow-headers': 'Authorization, Content-Type, X-API-Key, Last-Event-ID',
  'access-control-max-age': '600',
}

export type Cors = {
  /** Whether a page of that origin may use the API with a key of its own. */
  allows(origin: string | null): boolean
  /** The answer to a preflight (Fetch standard 4.8); null where the request is none of an allowed page. */
  preflight(request: Request): Response | null
  /** Lets the page read the answer. */
  mark(request: Request, headers: Headers): void
}

/** Pages of other sites are refused unless named, and never act with the browser's stored credentials. */
export function createCors(origins: readonly string[]): Cors {
  const allowed = new Set(origins)
  const allows = (origin: string | null) => origin !== null && allowed.has(origin)
  const common = (origin: string) => ({ 'access-control-allow-origin': origin, vary: 'Origin' })

  return {
    allows,
    preflight(request) {
      const origin = request.headers.get('origin')
      const isPreflight = request.method === 'OPTIONS' && request.headers.has('access-control-request-method')
      if (!isPreflight || origin === null || !allows(origin)) return null
      return new Response(null, { status: 204, headers: { ...common(origin), ...PREFLIGHT } })
    },
    mark(request, headers) {
      if (allowed.size === 0) return
      headers.append('vary', 'Origin')
      const origin = request.headers.get('origin')
      if (origin === null || !allows(origin)) return
      headers.set('access-control-allow-origin', origin)
      headers.set('access-control-expose-headers', 'Location, Retry-After, X-Request-Id, ETag')
    },
  }
}
