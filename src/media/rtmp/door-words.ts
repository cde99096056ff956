import type { FromDoor } from '../doors/messages.ts'

/** To whoever has another application or another key: all the same, so that nobody learns which of them it was. */
export const UNKNOWN = 'There is no such application or stream key.'
export const SECOND = 'Somebody publishes under this key already.'
export const OFF = 'RTMP is switched off on this server: RTMP_PORT is 0.'

/** Why the port cannot be opened, for the inputs behind it. `retryAt`: wall clock. */
export function toBlocked(error: Error & { code?: string }, host: string, port: number, retryAt: number): FromDoor {
  const again = 'Weir tries again every 10 s.'
  switch (error.code) {
    case 'EADDRINUSE':
      return {
        ...{ t: 'blocked', code: 'input.port_taken', retryAt },
        words: `TCP port ${port} for RTMP is taken by another program on this machine. ${again}`,
      }
    case 'EACCES':
      return {
        ...{ t: 'blocked', code: 'input.cannot_listen', retryAt },
        words: `Weir is not allowed to use TCP port ${port}. Ports under 1024 need more rights.`,
      }
    default:
      return {
        ...{ t: 'blocked', code: 'input.cannot_listen', retryAt },
        words: `TCP port ${port} for RTMP cannot be opened at ${host}. ${again}`,
      }
  }
}
