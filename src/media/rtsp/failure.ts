import type { Verdict } from '../ffmpeg/exits.ts'
import { toTlsWords } from '../output/preflight-reach.ts'

/** Why no connection to a server could be made, as `classifyExit` would say it of FFmpeg's own words. */
export function toConnectVerdict(error: Error & { code?: string; syscall?: string }): Verdict {
  const { code = '', syscall } = error
  if (syscall === 'getaddrinfo' || code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return { class: 'dns', words: "The server's name could not be found. Check the address for a typing error." }
  if (code === 'ECONNREFUSED')
    return { class: 'refused', words: 'The server refused the connection. It may be down, or the port is wrong.' }
  if (/^E(NETUNREACH|HOSTUNREACH|NETDOWN|TIMEDOUT|ADDRNOTAVAIL)$/.test(code))
    return {
      class: 'unreachable',
      words: 'The server cannot be reached from here. Check the address and the network.',
    }
  if (code === 'ECONNRESET' || code === 'EPIPE')
    return { class: 'rejected', words: 'The server took the connection and closed it at once. Check the port.' }
  return { class: 'tls', words: toTlsWords(error) }
}
