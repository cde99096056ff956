import { may, type Viewer } from '../lib/access.ts'
import type { HttpContext } from './endpoint.ts'
import { requestHost } from './request-host.ts'

/** Who asks, as far as that changes what the answer says. */
export function viewerOf(c: HttpContext, publicUrl: string | null): Viewer {
  return { host: requestHost(c, publicUrl), seesKeys: may(c.get('actor'), 'operate') }
}
