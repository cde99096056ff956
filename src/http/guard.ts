import { AppError } from '../errors.ts'

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Whoever builds an address from the request may rely on it. @throws AppError malformed */
export function checkAddress(request: Request): void {
  if (URL.canParse(request.url)) return
  throw new AppError({ kind: 'malformed', code: 'malformed', message: 'The Host header is not a host name.' })
}

/** @throws AppError too_large where the request says that its body has more bytes */
export function checkLength(request: Request, maxBytes: number): void {
  if (Number(request.headers.get('content-length') ?? 0) <= maxBytes) return
  throw new AppError({ kind: 'too_large', code: 'too_large', message: `A body may have at most ${maxBytes} bytes.` })
}

/**
 * A page of another site must not change anything here with the browser's stored credentials. Programs send neither
 * `Origin` nor `Sec-Fetch-Site` and pass. `http` against `https` does not count, for TLS may end at a proxy.
 * @throws AppError forbidden
 */
export function checkSameOrigin(request: Request, publicUrl: string | null): void {
  if (SAFE_METHODS.has(request.method)) return
  const site = request.headers.get('sec-fetch-site')
  const origin = request.headers.get('origin')
  const ownSite = site === null || site === 'same-origin' || site === 'none'
  const ownOrigin = origin === null || isOwnHost(origin, request, publicUrl)
  if (ownSite && ownOrigin) return
  throw new AppError({
    kind: 'forbidden',
    code: 'cross_origin',
    message: 'Requests that change something must come from Weir itself, not from a page of another site.',
  })
}

/**
 * Whether the browser's stored credentials count for this request: not where a page of another site asks, except for
 * following a link to here. What changes something has passed `checkSameOrigin` already.
 */
export function mayUseCookie(request: Request): boolean {
  const site = request.headers.get('sec-fetch-site')
  if (site === null || site === 'same-origin' || site === 'none') return true
  return SAFE_METHODS.has(request.method) && request.headers.get('sec-fetch-mode') === 'navigate'
}

function isOwnHost(origin: string, request: Request, publicUrl: string | null): boolean {
  if (!URL.canParse(origin)) return false
  const { host } = new URL(origin)
  return host === new URL(request.url).host || (publicUrl !== null && host === new URL(publicUrl).host)
}

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Headers of every answer; an answer's own win (pictures bring a stricter policy). */
export function securityHeaders(publicUrl: string | null): Record<string, string> {
  return {
    'content-security-policy': POLICY,
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    ...(publicUrl?.startsWith('https:') ? { 'strict-transport-security': 'max-age=31536000' } : {}),
  }
}
