import type { Targets } from '../../lib/targets.ts'
import type { FeedSource } from '../input/feed-source.ts'
import type { IngestCommand } from '../ffmpeg/ingest.ts'
import type { Verdict } from '../ffmpeg/ingest-exits.ts'
import { hlsCommand } from '../ffmpeg/pull.ts'
import { createHlsFetch, refusedBy } from './fetch.ts'
import { type HlsGate, openHlsGate } from './gate.ts'
import { toSinglePlaylist } from './playlist.ts'
import { createIngest } from '../input/ingest.ts'
import type { InputSource } from '../specs.ts'

/** A master playlist is far smaller; of a stream's own playlist the beginning is enough. */
const MAX_BYTES = 1024 * 1024

/** A feed played from an HLS playlist by an FFmpeg that asks a gate of ours for every part of it. */
export function createHlsFeed(
  source: Extract<InputSource, { kind: 'hls' }>,
  deps: Omit<Parameters<typeof createIngest>[0], 'command' | 'stdin'> & { targets: Targets },
): FeedSource {
  const { events, config, targets } = deps
  let gate: HlsGate | null = null

  /** Reads the playlist that the address leads to; the best stream in it is what FFmpeg plays. */
  async function prepare(signal: AbortSignal): Promise<IngestCommand | Verdict> {
    const fetchFrom = createHlsFetch(source, { targets, caFile: config.caFile })
    const found = await fetchFrom(new URL(source.url), { signal })
    if ('class' in found) return found
    const { response, place } = found
    if (!response.ok) {
      await response.body?.cancel()
      return refusedBy(response.status)
    }
    const opened = openHlsGate(fetchFrom)
    const playlist = toSinglePlaylist(await readStart(response), place, opened.toOurs)
    if (playlist === null) {
      opened.close()
      return { class: 'codec', words: 'What stands at this address is no HLS playlist. Check it.' }
    }
    gate = opened
    const { mask, ...command } = hlsCommand(source, playlist)
    return { ...command, mask: (line) => mask(opened.toTheirs(line)) }
  }

  const ingest = createIngest({
    ...deps,
    stdin: 'ignore',
    command: prepare,
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

async function readStart(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length >= MAX_BYTES) break
  }
  return text
}
