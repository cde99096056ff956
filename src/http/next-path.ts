const MAX_LENGTH = 500
/** Printable ASCII without the backslash, which browsers read as a slash; they also drop tabs and line ends. */
const PATH = /^\/[!-[\]-~]*$/

/** Where to go after sign-in: a path of this site, else the dashboard. What it is given was written by a stranger. */
export function toNextPath(text: string | undefined): string {
  if (text === undefined || text.length > MAX_LENGTH || !PATH.test(text)) return '/'
  if (!URL.canParse(text, 'http://weir.invalid')) return '/'
  const { origin, pathname, search } = new URL(text, 'http://weir.invalid')
  // `/..//evil.example` is of this site until its dots are resolved.
  return origin === 'http://weir.invalid' && !pathname.startsWith('//') ? pathname + search : '/'
}

/** The sign-in page, which leads back to the given path. */
export function toLoginPath(next: string): string {
  return next === '/' ? '/login' : `/login?next=${encodeURIComponent(next)}`
}
