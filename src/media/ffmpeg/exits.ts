import type { ChildExit } from '../actual.ts'
import type { OutputTarget } from '../specs.ts'

export type Verdict = { class: ChildExit['class']; words: string }

export type ExitContext = {
  protocol: OutputTarget['protocol']
  code: number | null
  signal: string | null
  /** Its last lines, oldest first. */
  lines: readonly string[]
  /** Bytes had left before it ended. */
  hadSent: boolean
  /** Why we asked it to leave; null where it ended by itself. */
  asked: ChildExit['asked'] | null
  onAir: boolean
  /** Why the watchdog killed it; null where it did not. */
  stalled: string | null
}

type Rule = { when(context: ExitContext, says: (pattern: RegExp) => boolean): boolean } & Verdict

/**
 * First match wins. The patterns are what FFmpeg 5.1 (gnutls, libsrt 1.5) was seen to print for each failure; the order
 * goes from what is certain to what is likely.
 */
const RULES: Rule[] = [
  {
    when: (_, says) => says(/Failed to resolve hostname|Name or service not known|name resolution/),
    class: 'dns',
    words: "The server's name could not be found. Check the address for a typing error.",
  },
  {
    when: (_, says) => says(/owner does not match hostname/),
    class: 'tls',
    words: "The server's certificate belongs to another name. Check the address.",
  },
  {
    when: (_, says) => says(/certificate failed verification|certificate verify failed/i),
    class: 'tls',
    words: "The server's certificate is not trusted. It has expired, or nobody that Weir trusts has signed it.",
  },
  {
    when: (_, says) => says(/Connection refused/),
    class: 'refused',
    words: 'The server refused the connection. It may be down, or the port is wrong.',
  },
  {
    when: (_, says) => says(/is unreachable|No route to host|Connection to tcp.*timed out/),
    class: 'unreachable',
    words: 'The server cannot be reached from here. Check the address and the network.',
  },
  {
    when: (_, says) => says(/Cannot open connection tls:|unexpected TLS packet/),
    class: 'tls',
    words: 'No secure connection could be made. The server may not speak RTMPS on this port.',
  },
  {
    when: (_, says) => says(/No credentials set|authmod=/),
    class: 'rejected',
    words:
      'The server wants a login of a kind (Adobe challenge) that cannot be given without showing the password to this machine. Use a stream key.',
  },
  {
    when: (_, says) => says(/REJECT.*(Incorrect passphrase|Password required)/),
    class: 'rejected',
    words: 'The server refused the passphrase. It is wrong, or it is missing on one side.',
  },
  {
    when: (_, says) => says(/SRT.*REJECT|connection rejected/i),
    class: 'rejected',
    words: 'The server refused the connection. The stream ID may be wrong or in use.',
  },
  {
    when: (_, says) => says(/Connection to srt:.* failed/),
    class: 'unreachable',
    words: 'Nobody answers at this SRT address. The receiver may be down, or the port is wrong or closed.',
  },
  {
    when: (_, says) => says(/ANNOUNCE failed: 40[13]/),
    class: 'rejected',
    words: 'The server wants a user name and password, or refused the ones it was given.',
  },
  {
    when: (_, says) => says(/(ANNOUNCE|SETUP|RECORD) failed: 404/),
    class: 'rejected',
    words: 'The server does not know this path, or takes nothing there. Check the address.',
  },
  {
    when: (_, says) => says(/(OPTIONS|ANNOUNCE|SETUP|RECORD) failed: \d/),
    class: 'rejected',
    words: 'The server refused the stream. It may take no streams, not this codec, or not this transport.',
  },
  {
    when: ({ protocol }, says) => protocol === 'srt_listener' && says(/Broken pipe|unix:/),
    class: 'unknown',
    words: 'The part of Weir that serves SRT receivers went away. It is being started again.',
  },
  {
    when: ({ protocol }, says) => protocol === 'srt_listener' && says(/Address already in use|create\/configure/),
    class: 'refused',
    words: 'The port is taken by another program on this machine.',
  },
  {
    when: ({ protocol, hadSent }) => protocol === 'srt_listener' && hadSent,
    class: 'peer_closed',
    words: 'The receiver ended the connection.',
  },
  {
    when: (_, says) => says(/timed out/),
    class: 'hung',
    words: 'The server took the connection but then stopped answering.',
  },
  {
    when: (_, says) => says(/Cannot read RTMP handshake response|RTMP handshake/),
    class: 'rejected',
    words: 'What answers on this port does not speak RTMP. Check the port, and whether it wants rtmps.',
  },
  {
    when: (context, says) =>
      (context.protocol === 'rtmp' || context.protocol === 'rtsp') &&
      !context.hadSent &&
      says(/Input\/output error|Server error|Broken pipe|reset by peer|End of file|Operation not permitted/),
    class: 'rejected',
    words: 'The server took the connection and closed it at once. The stream key or the path may be wrong, or in use.',
  },
  {
    when: (_, says) =>
      says(/not (currently )?supported in (container|flv)|not compatible with|Could not find tag for codec/i),
    class: 'codec',
    words: 'The feed has a codec that this kind of destination does not take.',
  },
  {
    when: (context) => !context.onAir || context.code === 0,
    class: 'input_lost',
    words: 'The feed ended.',
  },
  {
    when: (context, says) =>
      context.hadSent && says(/Broken pipe|reset by peer|Input\/output error|End of file|av_interleaved_write_frame/),
    class: 'peer_closed',
    words:
      'The server closed the connection, or the network broke. If it happens at once each time, check the stream key.',
  },
  {
    when: (_, says) => says(/could not find codec parameters|Invalid data found|not in ADTS/i),
    class: 'codec',
    words: 'FFmpeg could not make sense of the feed.',
  },
]

/**
 * What ended an output's FFmpeg, for programs and for people. The code says next to nothing (0 when the input ends, 1
 * for every failure, 255 after a signal), so its last lines and what we did to it decide.
 */
export function classifyExit(context: ExitContext): Verdict {
  if (context.stalled !== null) return { class: 'hung', words: context.stalled }
  if (context.asked === 'off_air') return { class: 'input_lost', words: 'The feed was lost.' }
  if (context.asked) return { class: 'killed', words: 'It was stopped.' }
  if (context.signal !== null) {
    return { class: 'killed', words: `FFmpeg was ended from outside (${context.signal}).` }
  }
  const says = (pattern: RegExp) => context.lines.some((line) => pattern.test(line))
  const rule = RULES.find((candidate) => candidate.when(context, says))
  if (rule) return { class: rule.class, words: rule.words }
  return { class: 'unknown', words: `FFmpeg ended, and did not say why (code ${context.code}).` }
}
