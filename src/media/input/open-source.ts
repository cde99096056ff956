import type { Clock } from '../../lib/clock.ts'
import type { Targets } from '../../lib/targets.ts'
import type { FeedEvents, FeedSource } from './feed-source.ts'
import { testCommand } from '../ffmpeg/ingest.ts'
import { srtCommand, srtListenCommand } from '../ffmpeg/pull.ts'
import { createHlsFeed } from '../hls/feed.ts'
import { createIngest } from './ingest.ts'
import type { Gate } from '../program/program.ts'
import type { Emit, WorkerConfig } from '../protocol.ts'
import { createRtmpFeed } from './rtmp-feed.ts'
import { createRtspFeed } from './rtsp-feed.ts'
import type { InputSource } from '../specs.ts'
import { createSrtFeed } from './srt-feed.ts'
import { createUdpFeed } from './udp-feed.ts'

/** One life of an input's source, of whatever kind; what becomes of it is told through `events`. */
export function openSource(
  source: InputSource,
  deps: {
    inputId: number
    config: WorkerConfig
    clock: Clock
    gate: Gate
    targets: Targets
    emit: Emit
    events: FeedEvents
    /** Wall clock; 0 = never. */
    lastFailedAt: number
    /** How often in a row it was tried. */
    attempt: number
  },
): FeedSource {
  const { inputId, config, clock, events, targets, attempt, ...rest } = deps
  const ingest = { ...rest, config, clock, events }
  const peerAt = (host: string) => ({ host, attempt, targets })
  switch (source.kind) {
    case 'udp':
      return createUdpFeed(source, { clock, events })
    case 'test':
      return createIngest({ ...ingest, command: testCommand(), stdin: 'ignore' })
    case 'srt_caller':
      return createIngest({
        ...{ ...ingest, peer: peerAt(source.host), stdin: 'ignore' },
        command: (_, address) => srtCommand({ ...source, host: address }),
      })
    case 'rtsp':
      return createRtspFeed(source, { ...ingest, peer: peerAt(source.host) })
    case 'hls':
      return createHlsFeed(source, { ...ingest, targets, peer: peerAt(hostOf(source.url)) })
    case 'rtmp':
      return createRtmpFeed(source, { ...ingest, inputId })
    case 'srt_listener':
      return createSrtFeed(source, {
        ...{ inputId, runDir: config.runDir, clock, events },
        listen: (told) => createIngest({ ...ingest, events: told, command: srtListenCommand(source), stdin: 'ignore' }),
      })
  }
}

const hostOf = (url: string) => new URL(url).hostname.replace(/^\[|\]$/g, '')
