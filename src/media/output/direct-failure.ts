import type { Verdict } from '../ffmpeg/exits.ts'

const UNREACHABLE = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'ENETDOWN', 'EADDRNOTAVAIL', 'EAFNOSUPPORT'])

/** What ended a socket of ours, for programs, for people and (`line`) for the log. */
export function toDirectVerdict(cause: unknown): Verdict & { line: string } {
  const { code, syscall, message } = cause as NodeJS.ErrnoException
  const line = `${syscall ?? 'send'}: ${code ?? message}`
  if (syscall === 'setsockopt') {
    return { class: 'unreachable', words: 'This machine has no interface of that address. Check the interface.', line }
  }
  if (code && UNREACHABLE.has(code)) {
    const words = 'The server cannot be reached from here. Check the address and the network.'
    return { class: 'unreachable', words, line }
  }
  return { class: 'unknown', words: `Sending failed (${code ?? 'for a reason that was not given'}).`, line }
}
