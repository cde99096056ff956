import { parseHost } from '../lib/host.ts'
import type { HttpContext } from './endpoint.ts'

/**
 * The host by which people reach this machine: that of `publicUrl`, else the one the client asked for. What a client
 * sends as `Host` is shown to others, in lines they paste into a shell, so anything but a name or an address counts as
 * `localhost`. IPv6 without brackets.
 */
export function requestHost(c: HttpContext, publicUrl: string | null): string {
  return parseHost(new URL(publicUrl ?? c.req.url).hostname)?.text ?? 'localhost'
}
