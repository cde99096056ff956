import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AppError } from '../errors.ts'
import type { Clock } from '../lib/clock.ts'
import { openFfmpegReceiver, openUdpReceiver, type Receiver } from './receivers.ts'

export type DemoOptions = {
  /** Asks this Weir, as anybody with the key would. */
  fetch(request: Request): Promise<Response>
  apiKey: string
  instance: string
  ffmpegPath: string
  clock: Clock
}

/** Long enough to see it run, short enough to see it come back within half a minute. */
const FLAKY = { afterSeconds: 10, awayMs: 4_000 }

/** A data directory of its own that is gone when this process ends, however it is told to. */
export function makeDemoDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'weir-demo-'))
  process.on('exit', () => rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** The wanted port, or 0 (any) where another program has it: most likely the Weir that this demo is to be looked at beside. */
export function chooseDemoPort(host: string, port: number): number {
  try {
    Bun.listen({ hostname: host, port, socket: { data: () => undefined } }).stop(true)
    return port
  } catch {
    // Taken, or not ours to open: the server says more if no other port can be had either.
    return 0
  }
}

/**
 * Fills a fresh Weir with a test pattern and four receivers on this machine, one of which hangs up again and again.
 * @returns what ends the receivers
 * @throws AppError unavailable, with what is missing
 */
export async function startDemo(o: DemoOptions): Promise<{ close(): Promise<void> }> {
  if (!Bun.which(o.ffmpegPath)) throw failed('FFmpeg is not installed. See FFMPEG_PATH.')
  await using stack = new AsyncDisposableStack()
  const open = async (receiver: Promise<Receiver>) => {
    const opened = await receiver
    stack.defer(opened.close)
    return opened
  }
  const ffmpeg = (protocol: 'rtmp' | 'srt', flaky: typeof FLAKY | null) =>
    open(openFfmpegReceiver({ ...o, protocol, flaky }))

  const input = await create(o, '/api/inputs', { name: 'Test pattern', kind: 'test' })
  const outputs: [string, Receiver][] = [
    ['Website', await ffmpeg('rtmp', null)],
    ['Overflow hall', await ffmpeg('srt', null)],
    ['Recorder', await open(openUdpReceiver())],
    ['Platform that hangs up', await ffmpeg('rtmp', FLAKY)],
  ]
  for (const [name, { url, streamKey }] of outputs)
    await create(o, `/api/inputs/${input}/outputs`, {
      ...{ name, url, reconnect_delay: 1, max_reconnect_delay: 3 },
      ...(streamKey === null ? {} : { stream_key: streamKey }),
    })
  const undo = stack.move()
  return { close: () => undo.disposeAsync() }
}

/** @returns the id of what was made */
async function create(o: DemoOptions, path: string, body: Record<string, unknown>): Promise<number> {
  const request = new Request(`http://localhost${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${o.apiKey}` },
    body: JSON.stringify(body),
  })
  const answer = await o.fetch(request)
  const json = (await answer.json()) as { id: number; detail?: string }
  if (answer.ok) return json.id
  throw failed(json.detail ?? `answer ${answer.status}`)
}

function failed(why: string): AppError {
  return new AppError({ kind: 'unavailable', code: 'demo.failed', message: `The demo could not be set up: ${why}` })
}
