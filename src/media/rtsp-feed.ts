import type { FeedSource } from './feed-source.ts'
import { rtspCommand } from './ffmpeg/pull.ts'
import { createIngest } from './ingest.ts'
import { toGateWords } from './place-words.ts'
import { openRtspGate, type RtspGate } from './rtsp/gate.ts'
import type { InputSource } from './specs.ts'

/** What FFmpeg has not read yet: a second of a high rate. */
const WAITING_LIMIT_BYTES = 4 * 1024 * 1024

/**
 * A feed played from an RTSP server by an FFmpeg. For rtsps it calls through a gate of ours, which looks at the server's
 * certificate and logs in: FFmpeg 5.1 takes any certificate. Then media travels in the same connection, whatever `transport` says.
 */
export function createRtspFeed(
  source: Extract<InputSource, { kind: 'rtsp' }>,
  deps: Omit<Parameters<typeof createIngest>[0], 'command' | 'stdin'>,
): FeedSource {
  if (!source.tls) return createIngest({ ...deps, command: () => rtspCommand(source), stdin: 'ignore' })
  const { events, config } = deps
  let gate: RtspGate | null = null
  const ingest = createIngest({
    ...deps,
    stdin: 'ignore',
    command() {
      const { mask } = rtspCommand(source)
      gate = openRtspGate({ ...source, protocol: 'rtsp', tlsVerify: true }, config.caFile, WAITING_LIMIT_BYTES)
      const place = {
        tls: false,
        host: '127.0.0.1',
        port: gate.port,
        transport: 'tcp',
        username: null,
        password: null,
      } as const
      const toWords = toGateWords(gate.port, source)
      return { ...rtspCommand({ ...source, ...place }), mask: (line) => mask(toWords(line)) }
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
