import { openUdpReceiver, type UdpReceiver } from '../support/udp-receiver.ts'

export type ToReceivers = { t: 'open'; count: number } | { t: 'figures' } | { t: 'reset' } | { t: 'close' }
export type FromReceivers = {
  ports?: number[]
  packets?: number
  errors?: number
  /** Milliseconds since 1970 of each receiver's first datagram. */
  firstAt?: number[]
}

declare const self: Worker
let receivers: UdpReceiver[] = []

async function answer(question: ToReceivers): Promise<FromReceivers> {
  switch (question.t) {
    case 'open':
      receivers = await Promise.all(Array.from({ length: question.count }, () => openUdpReceiver({ record: false })))
      return { ports: receivers.map((receiver) => receiver.port) }
    case 'figures':
      return {
        packets: receivers.reduce((total, receiver) => total + receiver.packets(), 0),
        errors: receivers.reduce((total, receiver) => total + receiver.errorCount(), 0),
        firstAt: receivers.map((receiver) => performance.timeOrigin + (receiver.firstAt() ?? Number.NaN)),
      }
    case 'reset':
      for (const receiver of receivers) receiver.reset()
      return {}
    case 'close':
      await Promise.all(receivers.map((receiver) => receiver[Symbol.asyncDispose]()))
      receivers = []
      return {}
  }
}

self.onmessage = async ({ data }: MessageEvent<ToReceivers>) => self.postMessage(await answer(data))
