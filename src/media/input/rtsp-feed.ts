import type { FeedSource } from './feed-source.ts'
import { rtspCommand } from '../ffmpeg/pull.ts'
import { createIngest } from './ingest.ts'
import { toGateWords } from '../place-words.ts'
import { openRtspGate, type RtspGate } from '../rtsp/gate.ts'
import type { InputSource } from '../specs.ts'

/** What FFmpeg has not read yet: a second of a high rate. */
const WAITING_LIMIT_BYTES = 4 * 1024 * 1024

/**
 * A feed played from an RTSP server by an FFmpeg that calls through a gate of ours: FFmpeg 5.1 follows a server to any other,
 * and takes any certificate. For rtsps media travels in the same connection, whatever `transport` says.
 */
export function createRtspFeed(
  source: Extract<InputSource, { kind: 'rtsp' }>,
  deps: Omit<Parameters<typeof createIngest>[0], 'command' | 'stdin'>,
): FeedSource {
  const { events, config } = deps
  let gate: RtspGate | null = null
  const ingest = createIngest({
    ...deps,
    stdin: 'ignore',
    command(_, address) {
      gate = openRtspGate({ ...source, protocol: 'rtsp', tlsVerify: true, address }, config.caFile, WAITING_LIMIT_BYTES)
      const { mask, ...command } = rtspCommand(source, gate)
      const toWords = toGateWords(gate, source)
      return { ...command, mask: (line) => mask(toWords(line)) }
    },
    events: {
      ...events,
      exited(words, exit) {
        const verdict = gate?.verdict
        gate?.close()
        events.exited(verdict?.words ?? words, verdict ? { ...exit, class: verdict.class } : exit)
      },
    },
  })
  return {
    sender: ingest.sender,
    other: ingest.other,
    async close() {
      await ingest.close()
      gate?.close()
    },
  }
}
