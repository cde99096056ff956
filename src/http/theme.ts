import { getCookie } from 'hono/cookie'
import type { Theme } from '../ui/layout.tsx'
import type { HttpContext } from './endpoint.ts'

/** The theme that this browser chose; the page's script keeps it in a cookie, so that the first paint is right. */
export function themeOf(c: HttpContext): Theme {
  const value = getCookie(c, 'theme')
  return value === 'light' || value === 'dark' ? value : 'system'
}
