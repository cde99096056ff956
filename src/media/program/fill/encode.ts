import type { Clock } from '../../../lib/clock.ts'
import { createTsReader } from '../../mpegts/reader.ts'
import { startProcess } from '../../process.ts'
import type { Gate } from '../program.ts'
import type { Emit, WorkerConfig } from '../../protocol.ts'
import type { Format, Unit } from '../units.ts'

export type EncodeDeps = { config: WorkerConfig; clock: Clock; gate: Gate; emit: Emit }

/** A second of CPU is what a large slate takes (measured); a busy machine takes longer. */
const DEADLINE_MS = 30_000
const MAX_BYTES = 8 * 1024 * 1024

/**
 * Runs one FFmpeg that writes a short transport stream to its stdout (`-f mpegts pipe:1`), and answers what is in it.
 * `text` can be read from descriptor 3. @throws Error with FFmpeg's last words, or when `signal` is aborted
 */
export async function encodeUnits(
  deps: EncodeDeps,
  o: { args: string[]; text: string | null; signal: AbortSignal },
): Promise<{ units: Unit[]; format: Format }> {
  const { clock, config } = deps
  await deps.gate(0, o.signal)
  const units: Unit[] = []
  let format: Format | null = null
  let sizeBytes = 0
  const reader = createTsReader({
    program: null,
    onUnit: (unit) => units.push(unit),
    onFormat(next) {
      format = next
    },
  })
  const child = startProcess({
    clock,
    argv: [config.ffmpegPath, '-hide_banner', '-nostdin', '-loglevel', 'repeat+level+error', '-nostats', ...o.args],
    instance: config.instance,
    secret: o.text,
    // Nothing that is made in advance may slow what is on air.
    niced: true,
    stdin: 'ignore',
    stdout: {
      kind: 'data',
      onData(bytes) {
        sizeBytes += bytes.length
        if (sizeBytes > MAX_BYTES) child.kill()
        else reader.push(bytes, clock.now())
      },
    },
    mask: (line) => line,
    // Its last lines are told with its end.
    onLine: () => undefined,
  })
  deps.emit('child.spawned', { pid: child.pid })
  const cancel = clock.after(DEADLINE_MS, child.kill)
  o.signal.addEventListener('abort', child.kill)
  const { code, signal, lines } = await child.exited
  o.signal.removeEventListener('abort', child.kill)
  cancel()
  deps.emit('child.reaped', { pid: child.pid })
  o.signal.throwIfAborted()
  if (code !== 0) throw new Error(lines.at(-1) ?? `FFmpeg ended with ${signal ?? `code ${code}`}`)
  if (!format) throw new Error('FFmpeg wrote nothing')
  return { units, format }
}
