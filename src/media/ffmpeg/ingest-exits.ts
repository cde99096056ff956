import type { ChildExit } from '../actual.ts'
import type { InputSource } from '../specs.ts'

export type Verdict = { class: ChildExit['class']; words: string }

export type IngestExit = {
  kind: InputSource['kind']
  code: number | null
  signal: string | null
  /** Its last lines, oldest first. */
  lines: readonly string[]
  /** Media had come from it. */
  hasGiven: boolean
  /** The watchdog killed it. */
  hung: boolean
  /** How long nothing had come when it ended, milliseconds. */
  silentMs: number
}

/** libsrt gives a peer up that is silent for 5 s; one that says goodbye is gone at once. */
const SRT_ORDERLY_MS = 3_000

/** FFmpeg gives up a server that says nothing after 8 s, with words that fit any failure. */
const MUTE_MS = 7_000

type Rule = Verdict & { when(exit: IngestExit, says: (pattern: RegExp) => boolean): boolean }

/** First match wins. The patterns are what FFmpeg 5.1 (gnutls, libsrt 1.5) was seen to print for each failure. */
const RULES: Rule[] = [
  {
    when: (_, says) => says(/Failed to resolve hostname|Name or service not known|name resolution/),
    class: 'dns',
    words: "The server's name could not be found. Check the address for a typing error.",
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
    when: (_, says) => says(/unexpected TLS packet|certificate|tls:.*failed/i),
    class: 'tls',
    words: 'No secure connection could be made, or the certificate is not trusted.',
  },
  {
    when: (_, says) => says(/40[13] (Unauthorized|Forbidden)|HTTP error 40[13]/),
    class: 'rejected',
    words: 'The server refused the login. Check user name, password and token.',
  },
  {
    when: (_, says) => says(/(404|454|410) [A-Z]|HTTP error 4(04|10)/),
    class: 'rejected',
    words: 'There is no such stream on the server. Check the path; the stream may be off.',
  },
  {
    when: (_, says) => says(/461 Unsupported Transport/i),
    class: 'rejected',
    words: 'The server does not offer this transport. Choose the other one (TCP or UDP).',
  },
  {
    when: (_, says) => says(/REJECT.*(Incorrect passphrase|Password required)/),
    class: 'rejected',
    words: 'The passphrase is wrong, or it is missing on one side.',
  },
  {
    when: (_, says) => says(/SRT.*REJECT|connection rejected/i),
    class: 'rejected',
    words: 'The server refused the connection. The stream ID may be wrong or in use.',
  },
  {
    when: ({ kind, hasGiven }, says) => kind === 'srt_caller' && !hasGiven && says(/Connection to srt:.* failed/),
    class: 'unreachable',
    words: 'Nobody answers at this SRT address. The sender may be down, or the port is wrong or closed.',
  },
  {
    when: ({ hasGiven, silentMs }, says) => !hasGiven && (says(/timed out/i) || silentMs > MUTE_MS),
    class: 'hung',
    words: 'The server took the connection but then stopped answering.',
  },
  {
    when: ({ hasGiven }, says) => !hasGiven && says(/Invalid data found|could not find codec|not find any stream/i),
    class: 'codec',
    words: 'FFmpeg could not make sense of what the server sends.',
  },
  {
    when: ({ hasGiven }) => !hasGiven,
    class: 'rejected',
    words: 'The server took the connection and ended it before any picture or sound came.',
  },
  {
    when: ({ kind }) => kind === 'rtmp',
    class: 'input_lost',
    words: 'The feed ended.',
  },
  {
    when: ({ kind }) => kind === 'srt_listener',
    class: 'peer_closed',
    words: 'The link to the sender broke.',
  },
  {
    when: ({ kind }) => kind === 'srt_caller' || kind === 'rtsp' || kind === 'hls',
    class: 'peer_closed',
    words: 'The server closed the connection, or the network broke.',
  },
]

/**
 * What ended the FFmpeg that brought a feed in, for programs and for people; `goodbye`: the other side said that this is
 * the end. As with outputs the code says next to nothing, so its last lines decide, and how long it had been silent.
 */
export function classifyIngestExit(exit: IngestExit): Verdict & { goodbye: boolean } {
  const { kind, signal, hung, silentMs, hasGiven } = exit
  const silentSeconds = Math.round(silentMs / 1000)
  if (hung) {
    const from = kind === 'test' || kind === 'rtmp' ? 'FFmpeg gave' : 'The server sent'
    return { class: 'hung', words: `${from} nothing for ${silentSeconds} s.`, goodbye: false }
  }
  if (signal !== null) return { class: 'killed', words: `FFmpeg was ended from outside (${signal}).`, goodbye: false }
  const says = (pattern: RegExp) => exit.lines.some((line) => pattern.test(line))
  if (hasGiven && kind === 'hls' && exit.code === 0 && !says(/Failed to (open|reload)|error=|HTTP error|Connection/i))
    return { class: 'peer_closed', words: 'The playlist says that the stream has ended.', goodbye: true }
  if (hasGiven && (kind === 'srt_caller' || kind === 'srt_listener') && silentMs < SRT_ORDERLY_MS)
    return { class: 'peer_closed', words: 'The sender closed the connection.', goodbye: true }
  const rule = RULES.find((candidate) => candidate.when(exit, says))
  if (rule) return { class: rule.class, words: rule.words, goodbye: false }
  return { class: 'unknown', words: `FFmpeg ended, and did not say why (code ${exit.code}).`, goodbye: false }
}
