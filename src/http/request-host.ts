import { parseHost } from '../lib/host.ts'
import type { HttpContext } from './endpoint.ts'

/** Where people reach Weir: `publicUrl`, else as the client asked. For links that are shown to whoever asked, no others. */
export function requestUrl(c: HttpContext, publicUrl: string | null): string {
  if (publicUrl !== null) return publicUrl
  const { host } = new URL(c.req.url)
  return `${c.get('isSecure') ? 'https' : 'http'}://${host}`
}

/**
 * The host by which people reach this machine: that of `publicUrl`, else the one the client asked for. What a client
 * sends as `Host` is shown to others, in lines they paste into a shell, so anything but a name or an address counts as
 * `localhost`. IPv6 without brackets.
 */
export function requestHost(c: HttpContext, publicUrl: string | null): string {
  return parseHost(new URL(publicUrl ?? c.req.url).hostname)?.text ?? 'localhost'
}
