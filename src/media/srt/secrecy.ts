import type { SrtLinkSocket } from './sockets.ts'

/** Why a caller is not let in for its passphrase, null = it may be. `passphrase`: the one of our side. */
export function secrecyRefusal(link: Pick<SrtLinkSocket, 'secrecy'>, passphrase: string | null): string | null {
  if (passphrase === null) return link.secrecy === 'none' ? null : 'It came with a passphrase, and none is set here.'
  if (link.secrecy === 'shared') return null
  return link.secrecy === 'none' ? 'It came without a passphrase.' : 'Its passphrase is wrong.'
}
