import { connect } from 'node:net'
import { type Amf, amfObject, fromAmf, toAmf } from '../../src/media/rtmp/amf0.ts'
import { createChunkReader } from '../../src/media/rtmp/chunk-reader.ts'
import * as m from '../../src/media/rtmp/messages.ts'
import { eventually, within } from './waiting.ts'

/** The publisher's side of RTMP, byte by byte, for what no real encoder can be made to do. */

export type WireMessage = {
  type: number
  payload: Uint8Array
  chunkStream?: number
  streamId?: number
  timestampMs?: number
  chunkBytes?: number
}

/** One message in chunks: a whole header, then type 3, as the specification has it (5.3). */
export function toChunks(o: WireMessage): Uint8Array {
  const { chunkStream = 3, streamId = 0, timestampMs = 0, chunkBytes = 128, payload } = o
  const extended = timestampMs >= 0xffffff
  const head = new Uint8Array(12 + (extended ? 4 : 0))
  const view = new DataView(head.buffer)
  head[0] = chunkStream
  view.setUint32(1, (extended ? 0xffffff : timestampMs) << 8)
  view.setUint32(3, ((view.getUint8(3) << 24) | payload.length) >>> 0)
  head[7] = o.type
  view.setUint32(8, streamId, true)
  if (extended) view.setUint32(12, timestampMs)
  const parts: Uint8Array[] = [head, payload.subarray(0, chunkBytes)]
  for (let at = chunkBytes; at < payload.length; at += chunkBytes) {
    parts.push(new Uint8Array([0xc0 | chunkStream]))
    if (extended) parts.push(head.slice(12))
    parts.push(payload.subarray(at, at + chunkBytes))
  }
  return Buffer.concat(parts)
}

export const toWireCommand = (...values: Amf[]): Uint8Array => toChunks({ type: m.COMMAND, payload: toAmf(...values) })

/** C0, C1 and C2; the server does not look into C2. */
export const HELLO = Buffer.concat([new Uint8Array([3]), new Uint8Array(1536), new Uint8Array(1536)])
export const toConnect = (app: string): Uint8Array =>
  toWireCommand('connect', 1, amfObject({ app, type: 'nonprivate', flashVer: 'FMLE/3.0', tcUrl: `rtmp://x/${app}` }))
/** All that OBS says up to its first picture. */
export const toPublish = (app: string, key: string): Uint8Array =>
  Buffer.concat([
    HELLO,
    toConnect(app),
    toWireCommand('releaseStream', 2, null, key),
    toWireCommand('FCPublish', 3, null, key),
    toWireCommand('createStream', 4, null),
    toWireCommand('publish', 5, null, key, 'live'),
    // Pictures alone, so that nobody waits for sound.
    toChunks({ type: m.DATA, payload: toAmf('@setDataFrame', 'onMetaData', amfObject({ videocodecid: 7 })) }),
  ])

/** An H.264 picture as FLV carries it, with nothing in it to decode. */
export const toPicture = (size = 100, timestampMs = 0): Uint8Array => {
  const payload = new Uint8Array(size)
  payload.set([0x17, 1, 0, 0, 0])
  return toChunks({ type: m.VIDEO, payload, chunkStream: 6, streamId: 1, timestampMs })
}

export type Heard = { type: number; payload: Uint8Array; values: Amf[] }

/** What a server said after its handshake. */
export function fromServer(bytes: Uint8Array): Heard[] {
  const heard: Heard[] = []
  const reader = createChunkReader({
    limits: { messageBytes: 65_536, unfinishedBytes: 65_536 },
    onMessage: ({ type, payload }) =>
      void heard.push({ type, payload, values: type === m.COMMAND ? fromAmf(payload) : [] }),
  })
  reader.push(bytes.subarray(1 + 2 * 1536))
  return heard
}

/** The codes of all status messages (`NetStream.Publish.Start`, ...). */
export function statusCodes(bytes: Uint8Array): string[] {
  return fromServer(bytes).flatMap(({ values }) => {
    const info = values.at(-1)
    return values[0] === 'onStatus' && info instanceof Map ? [String(info.get('code'))] : []
  })
}

export type RawPublisher = {
  write(bytes: Uint8Array): void
  bytes(): Uint8Array
  statusIs(code: string): Promise<void>
  readonly isClosed: boolean
  closed(deadlineMs?: number): Promise<void>
  end(): void
  /** Closes once all that was written has been sent. */
  finish(): void
}

/** A TCP connection that says what it is told to, and keeps what it hears. */
export async function openRawPublisher(port: number, from = '127.0.0.1'): Promise<RawPublisher> {
  const parts: Uint8Array[] = []
  const closed = Promise.withResolvers<void>()
  let isClosed = false
  const over = () => {
    isClosed = true
    closed.resolve()
  }
  const socket = connect({ port, host: '127.0.0.1', localAddress: from })
  socket.on('data', (data: Buffer) => void parts.push(data))
  socket.on('close', over)
  socket.on('error', over)
  await new Promise<void>((resolve) => {
    socket.once('connect', resolve)
    socket.once('close', resolve)
  })
  const bytes = () => Buffer.concat(parts)
  return {
    write: (data) => void socket.write(data),
    bytes,
    statusIs: async (code) =>
      void (await eventually(10_000, code, () => parts.length > 0 && statusCodes(bytes()).includes(code))),
    get isClosed() {
      return isClosed
    },
    closed: (deadlineMs = 10_000) => within(deadlineMs, 'the connection is closed', closed.promise),
    end: () => void socket.destroy(),
    finish: () => void socket.end(),
  }
}
