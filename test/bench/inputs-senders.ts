import { fixture } from '../support/fixtures.ts'
import { readSteps } from '../support/ts-sender.ts'

export type ToSenders = { t: 'start'; ports: number[] } | { t: 'stop' }

declare const self: Worker
let stop: (() => void) | null = null

/** Plays the main fixture to every port, each at another place of it, at the pace of its clock references. */
async function start(ports: number[]): Promise<void> {
  const bytes = Buffer.from(await Bun.file(await fixture('main')).arrayBuffer())
  const steps = readSteps(bytes)
  const seconds = steps.at(-1)?.seconds ?? 0
  const socket = await Bun.udpSocket({ hostname: '127.0.0.1', port: 0, socket: { error: () => undefined } })
  const startedMs = performance.now()
  const feeds = ports.map((port, n) => {
    const phase = (n / ports.length) * seconds
    return { port, next: steps.findIndex((step) => step.seconds >= phase), startedMs: startedMs - phase * 1_000 }
  })
  const timer = setInterval(() => {
    const nowMs = performance.now()
    const batch: (Buffer | number | string)[] = []
    for (const feed of feeds) {
      for (
        let step = steps[feed.next];
        step && step.seconds * 1_000 <= nowMs - feed.startedMs;
        step = steps[feed.next]
      ) {
        const from = steps[feed.next - 1]?.end ?? 0
        for (let at = from; at < step.end; at += 1_316)
          batch.push(bytes.subarray(at, Math.min(at + 1_316, step.end)), feed.port, '127.0.0.1')
        feed.next++
        if (feed.next < steps.length) continue
        feed.next = 0
        feed.startedMs = nowMs
        break
      }
    }
    if (batch.length > 0) socket.sendMany(batch)
  }, 5)
  stop = () => {
    clearInterval(timer)
    socket.close()
  }
}

self.onmessage = async ({ data }: MessageEvent<ToSenders>) => {
  stop?.()
  stop = null
  if (data.t === 'start') await start(data.ports)
  self.postMessage('done')
}
