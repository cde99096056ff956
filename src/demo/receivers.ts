import type { Clock } from '../lib/clock.ts'
import { type ChildProcess, startProcess } from '../media/process.ts'

/** Where an output of the demo can send. */
export type Receiver = {
  url: string
  streamKey: string | null
  close(): Promise<void>
}

const HOST = '127.0.0.1'
/** An FFmpeg that listens takes one sender and then leaves; the next one is there this soon. */
const STEADY_PAUSE_MS = 100

/** Takes datagrams and forgets them. */
export async function openUdpReceiver(): Promise<Receiver> {
  const socket = await Bun.udpSocket({ hostname: HOST, socket: { data: () => undefined } })
  return { url: `udp://${HOST}:${socket.port}`, streamKey: null, close: async () => socket.close() }
}

export type FfmpegReceiverOptions = {
  protocol: 'rtmp' | 'srt'
  ffmpegPath: string
  /** Marks its FFmpegs as children of this Weir. */
  instance: string
  clock: Clock
  /** Hangs up after so many seconds of picture and is away for a while, again and again; null = never. */
  flaky: { afterSeconds: number; awayMs: number } | null
}

/** A server for one sender, played by FFmpeg, which reads all and keeps nothing. It dies with this process. */
export async function openFfmpegReceiver(o: FfmpegReceiverOptions): Promise<Receiver> {
  const address = o.protocol === 'rtmp' ? await toRtmp() : await toSrt()
  const limit = o.flaky === null ? [] : ['-t', String(o.flaky.afterSeconds)]
  const pauseMs = o.flaky?.awayMs ?? STEADY_PAUSE_MS
  let closed = false
  let child: ChildProcess
  let cancel: (() => void) | null = null

  function start(): void {
    child = startProcess({
      clock: o.clock,
      argv: [
        o.ffmpegPath,
        '-nostdin',
        '-loglevel',
        'error',
        ...address.listen,
        ...limit,
        '-c',
        'copy',
        '-f',
        'null',
        '-',
      ],
      instance: o.instance,
      secret: null,
      stdin: 'ignore',
      stdout: { kind: 'data', onData: () => undefined },
      mask: (line) => line,
      onLine: () => undefined,
    })
    void child.exited.then(() => {
      if (!closed) cancel = o.clock.after(pauseMs, start)
    })
  }
  start()

  return {
    ...address,
    async close() {
      closed = true
      cancel?.()
      child.kill()
      await child.exited
    },
  }
}

async function toRtmp() {
  const server = Bun.listen({ hostname: HOST, port: 0, socket: { data: () => undefined } })
  const { port } = server
  server.stop(true)
  const url = `rtmp://${HOST}:${port}/live`
  return { url, streamKey: 'demo', listen: ['-listen', '1', '-i', `${url}/demo`] }
}

async function toSrt() {
  const socket = await Bun.udpSocket({ hostname: HOST })
  const { port } = socket
  socket.close()
  const url = `srt://${HOST}:${port}`
  return { url, streamKey: null, listen: ['-i', `${url}?mode=listener`] }
}
