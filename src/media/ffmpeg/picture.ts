import type { Clock } from '../../lib/clock.ts'
import { startProcess } from '../process.ts'

/** The largest allowed picture takes two seconds of a core (measured); a busy machine takes longer. */
const DEADLINE_MS = 20_000

/**
 * Decodes a picture once, as the making of a slate will, in a child that may neither reach the network nor take more pixels
 * than that. True: it can be decoded.
 */
export async function isDecodable(
  deps: { clock: Clock; ffmpegPath: string; instance: string },
  o: { file: string; maxPixels: number },
): Promise<boolean> {
  const child = startProcess({
    clock: deps.clock,
    argv: [
      ...([deps.ffmpegPath, '-hide_banner', '-nostdin', '-nostats', '-loglevel', 'error', '-xerror'] as const),
      ...['-err_detect', 'explode', '-max_pixels', String(o.maxPixels), '-threads', '1'],
      // What a picture is is told by its bytes; nothing else is ever fetched because of them.
      ...['-protocol_whitelist', 'file', '-i', o.file, '-map', '0:v:0', '-frames:v', '1', '-f', 'null', '-'],
    ],
    instance: deps.instance,
    niced: true,
    secret: null,
    stdin: 'ignore',
    stdout: { kind: 'data', onData: () => undefined },
    mask: (line) => line,
    onLine: () => undefined,
  })
  const cancel = deps.clock.after(DEADLINE_MS, child.kill)
  const { code, lines } = await child.exited
  cancel()
  // Some decoders of FFmpeg 5.1 end well with half of a picture, and say so.
  return code === 0 && lines.length === 0
}
