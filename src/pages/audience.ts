import type { Viewer } from '../lib/access.ts'

/** Marks those who may not see what lets one publish; no host has it. */
const NO_KEYS = '#'

/**
 * Those who are told the same: by which host they reach Weir, and whether they see what lets one publish. As a text, for
 * topics and keys; where nobody is left out it is the host.
 */
export function toAudience(viewer: Viewer): string {
  return viewer.seesKeys ? viewer.host : viewer.host + NO_KEYS
}

export function fromAudience(audience: string): Viewer {
  const seesKeys = !audience.endsWith(NO_KEYS)
  return { host: seesKeys ? audience : audience.slice(0, -1), seesKeys }
}
