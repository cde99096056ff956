import type { ChildExit, OutputTarget } from '../protocol.ts'

export type ExitClass = ChildExit['class']
export type Verdict = { class: ExitClass; words: string }

export type ExitContext = {
  protocol: OutputTarget['protocol']
  tls: boolean
  code: number | null
  signal: string | null
  /** Its last lines, oldest first. */
  lines: readonly string[]
  /** Bytes had left before it ended. */
  hadSent: boolean
  /** We asked it to leave. */
  wasAsked: boolean
  onAir: boolean
  /** Why the watchdog killed it; null where it did not. */
  stalled: string | null
}

const has = (lines: readonly string[], pattern: RegExp) => lines.some((line) => pattern.test(line))

/**
 * What ended an output's FFmpeg, for programs and for people. The code says next to nothing (0 when the input ends, 1
 * for every failure, 255 after a signal), so the last lines and what we know decide. Texts are FFmpeg 5.1's with gnutls;
 * OpenSSL's are added where they differ.
 */
export function classifyExit(context: ExitContext): Verdict {
  const { lines, protocol } = context
  if (context.stalled !== null) return { class: 'hung', words: context.stalled }
  if (context.wasAsked) return { class: 'killed', words: 'It was stopped.' }
  if (context.signal !== null) {
    return { class: 'killed', words: `FFmpeg was ended from outside (${context.signal}).` }
  }
  if (has(lines, /Failed to resolve hostname|Name or service not known|Temporary failure in name resolution/)) {
    return { class: 'dns', words: "The server's name could not be found. Check the address for a typing error." }
  }
  if (has(lines, /certificate failed verification|certificate's owner does not match|certificate verify failed/i)) {
    const isName = has(lines, /owner does not match|hostname mismatch/i)
    return {
      class: 'tls',
      words: isName
        ? "The server's certificate belongs to another name. Check the address."
        : "The server's certificate is not trusted: it is expired, self-made, or made for something else.",
    }
  }
  if (has(lines, /Connection refused/)) {
    return { class: 'refused', words: 'The server refused the connection. It may be down, or the port is wrong.' }
  }
  if (
    has(
      lines,
      /Network is unreachable|No route to host|Host is unreachable|Connection timed out|Operation not permitted/,
    )
  ) {
    return { class: 'unreachable', words: 'The server cannot be reached from here. Check the address and the network.' }
  }
  if (has(lines, /TLS|SSL|gnutls|handshake fail/i) && !context.hadSent && context.tls) {
    return { class: 'tls', words: 'No secure connection could be made. The server may not speak RTMPS on this port.' }
  }
  if (
    has(
      lines,
      /not currently supported in container|codec not compatible|Could not find tag for codec|not in ADTS|Could not write header.*codec/i,
    )
  ) {
    return { class: 'codec', words: 'The feed has a codec that this kind of destination does not take.' }
  }
  if (!context.onAir || context.code === 0) {
    return { class: 'input_lost', words: 'The feed ended.' }
  }
  if (!context.hadSent && protocol === 'srt_caller' && has(lines, /Connection to srt:.* failed|Connection rejected/i)) {
    return {
      class: 'rejected',
      words:
        'No SRT connection: nobody answers there, or the passphrase or stream ID is wrong. SRT does not say which.',
    }
  }
  if (
    !context.hadSent &&
    protocol === 'rtmp' &&
    has(
      lines,
      /Input\/output error|Server error|Broken pipe|reset by peer|End of file|NetStream\.Publish|NetConnection/i,
    )
  ) {
    return {
      class: 'rejected',
      words:
        'The server took the connection and closed it at once. The stream key or the application name may be wrong, or the key is in use.',
    }
  }
  if (
    context.hadSent &&
    has(lines, /Broken pipe|reset by peer|Input\/output error|End of file|write header|av_interleaved_write_frame/i)
  ) {
    return { class: 'peer_closed', words: 'The server closed the connection, or the network broke.' }
  }
  if (has(lines, /could not find codec parameters|Invalid data found/i)) {
    return { class: 'codec', words: 'FFmpeg could not make sense of the feed.' }
  }
  return { class: 'unknown', words: `FFmpeg ended for a reason that Weir does not know (code ${context.code}).` }
}
