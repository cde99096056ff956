import { type Amf, amfObject, toAmf } from './amf0.ts'
import { SET_CHUNK_SIZE } from './chunk-reader.ts'

/** Message types (RTMP 1.0, 5.4, 6.2 and 7.1). */
export const ACKNOWLEDGEMENT = 3
export const USER_CONTROL = 4
export const WINDOW_SIZE = 5
export const PEER_BANDWIDTH = 6
export const AUDIO = 8
export const VIDEO = 9
export const DATA_AMF3 = 15
export const COMMAND_AMF3 = 17
export const DATA = 18
export const COMMAND = 20
export const AGGREGATE = 22

/** Events of user control messages (7.1.7). */
export const STREAM_BEGIN = 0
export const PING_REQUEST = 6
export const PING_RESPONSE = 7

/** Chunk streams on which servers send: control on 2 (5.4), commands on 3, those of a stream on 5. */
const CONTROL_STREAM = 2
const COMMAND_STREAM = 3
const STATUS_STREAM = 5
/** The one stream that a connection of ours has. */
export const STREAM_ID = 1
/** Our chunks from `toChunkSize` on; longer than anything we say. */
export const OUR_CHUNK_BYTES = 4096

/** One message as one chunk with a whole header. All of ours fit: before `toChunkSize` nothing longer than 128 bytes is sent. */
function toChunk(chunkStream: number, type: number, streamId: number, payload: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(12 + payload.length)
  const view = new DataView(chunk.buffer)
  chunk[0] = chunkStream
  view.setUint16(4, payload.length >> 8)
  chunk[6] = payload.length & 0xff
  chunk[7] = type
  view.setUint32(8, streamId, true)
  chunk.set(payload, 12)
  return chunk
}

function toControl(type: number, value: number, more: number[] = []): Uint8Array {
  const payload = new Uint8Array([0, 0, 0, 0, ...more])
  new DataView(payload.buffer).setUint32(0, value >>> 0)
  return toChunk(CONTROL_STREAM, type, 0, payload)
}

export const toChunkSize = (): Uint8Array => toControl(SET_CHUNK_SIZE, OUR_CHUNK_BYTES)
/** `total`: bytes received since the connection stands, modulo 2^32. */
export const toAcknowledgement = (total: number): Uint8Array => toControl(ACKNOWLEDGEMENT, total)
export const toWindowSize = (size: number): Uint8Array => toControl(WINDOW_SIZE, size)
/** Limit type 2, dynamic (5.4.5). */
export const toPeerBandwidth = (size: number): Uint8Array => toControl(PEER_BANDWIDTH, size, [2])

export function toUserControl(event: number, value: number): Uint8Array {
  const payload = new Uint8Array(6)
  const view = new DataView(payload.buffer)
  view.setUint16(0, event)
  view.setUint32(2, value >>> 0)
  return toChunk(CONTROL_STREAM, USER_CONTROL, 0, payload)
}

export const toCommand = (...values: Amf[]): Uint8Array => toChunk(COMMAND_STREAM, COMMAND, 0, toAmf(...values))

/** `onStatus` of our stream; `words` are for whoever reads the encoder's log. */
export function toStatus(level: 'status' | 'error', code: string, words: string): Uint8Array {
  const info = amfObject({ level, code, description: words })
  return toChunk(STATUS_STREAM, COMMAND, STREAM_ID, toAmf('onStatus', 0, null, info))
}
