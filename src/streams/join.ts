import { toPassCookie } from '../http/passes.ts'
import type { Clock } from '../lib/clock.ts'
import type { Members } from './members.service.ts'

/** Follows a personal link: to its stream, with a cookie for that stream alone; null where it leads nowhere any more. */
export function toJoin({ members, clock }: { members: Pick<Members, 'join'>; clock: Clock }) {
  return (token: string, isSecure: boolean): { path: string; setCookie: string } | null => {
    const joined = members.join(token)
    if (!joined) return null
    const { stream, untilMs } = joined
    const setCookie = toPassCookie({ streamId: stream.id, token, untilMs, nowMs: clock.wall(), isSecure })
    return { path: `/streams/${stream.key}`, setCookie }
  }
}
