import { createSocket, type Socket } from 'node:dgram'

export type LossyRelay = AsyncDisposable & {
  port: number
  /** Which datagrams are lost from now on; `toServer` tells the way, `number` counts those of that way. */
  lose(rule: (datagram: { bytes: Uint8Array; toServer: boolean; number: number }) => boolean): void
}

const CARRIES_ALL = () => false

/** A network between one caller and a UDP port of this machine that loses what it is told to. */
export async function openLossyRelay(target: number): Promise<LossyRelay> {
  const near = await bind()
  const far = await bind()
  let rule: Parameters<LossyRelay['lose']>[0] = CARRIES_ALL
  const counts = { in: 0, out: 0 }
  let caller: { port: number; address: string } | null = null
  near.on('message', (bytes, from) => {
    caller = from
    if (!rule({ bytes, toServer: true, number: counts.in++ })) far.send(bytes, target, '127.0.0.1')
  })
  far.on('message', (bytes) => {
    if (caller && !rule({ bytes, toServer: false, number: counts.out++ })) near.send(bytes, caller.port, caller.address)
  })
  return {
    port: near.address().port,
    lose(next) {
      rule = next
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([near, far].map((socket) => new Promise<void>((resolve) => socket.close(() => resolve()))))
    },
  }
}

async function bind(): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4 << 20 })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  return socket
}

/** SRT marks data by a first bit of 0 (draft-sharabayko-srt 3). */
export const isSrtData = (bytes: Uint8Array) => ((bytes[0] as number) & 0x80) === 0

/** Acknowledgements are control packets (first bit 1) of type 2. */
export const isSrtAck = (bytes: Uint8Array) => bytes[0] === 0x80 && bytes[1] === 2
