import { type Amf, amfObject, fromAmf } from './amf0.ts'
import { createChunkReader, type RtmpMessage, uint32 } from './chunk-reader.ts'
import { refuseCodec, type Takes } from './codecs.ts'
import { type FlvWriter, createFlvWriter } from './flv-writer.ts'
import { createHandshake } from './handshake.ts'
import * as m from './messages.ts'
import { RtmpError } from './rtmp-error.ts'

/**
 * How a connection ended. `goodbye`: the publisher said so, which is the end of its show. `unfit`: what it sends cannot be
 * taken. `ended`: we wanted it. `lost`: all else.
 */
export type SessionEnd = { why: 'goodbye' | 'unfit' | 'ended' | 'lost'; words: string }

/** What a session does to the world around it, all at once and in order. */
export type SessionEffects = {
  send(bytes: Uint8Array): void
  /** May it publish? `path` is application and key, as `live/abc`; the answer null lets it in, words go back to it. */
  publish(path: string): string | null
  /** FLV, header first. */
  media(bytes: Uint8Array): void
  /** What follows is another FLV file of the same publisher; the words say why. */
  again(words: string): void
  /** Once; nothing follows but what was sent before. */
  end(end: SessionEnd): void
}

export type RtmpSession = {
  /** Takes what came. Never throws: what is no RTMP ends the session. */
  receive(bytes: Uint8Array): void
  /** Asks the other end for a sign of life. */
  ping(nowMs: number): void
  /** Ends it from our side; the words go to the publisher. */
  close(words: string): void
  readonly isPublishing: boolean
}

/** Before it is known who it is: enough for every command, nothing for a stranger to fill memory with. */
const STRANGER = { messageBytes: 4 * 1024, unfinishedBytes: 16 * 1024 }
const STRANGER_TOTAL_BYTES = 64 * 1024
/** A keyframe at 100 Mbit/s and two seconds is under 4 MiB. */
const PUBLISHER = { messageBytes: 4 * 1024 * 1024, unfinishedBytes: 8 * 1024 * 1024 }
/** What we ask to be acknowledged after, and do ourselves where the publisher names nothing. */
const WINDOW_BYTES = 2_500_000
const SMALLEST_WINDOW_BYTES = 64 * 1024
const MAX_NAME = 512

/**
 * One publisher's connection: handshake, commands, media (RTMP 1.0; answers in the words and order of the servers that
 * encoders are tested with). Bytes in, effects out; it has neither socket nor clock. Nothing of what it is told leaves it
 * but application and key, for the one question whether they are right.
 */
export function createRtmpSession(effects: SessionEffects, takes: () => Takes): RtmpSession {
  type State = 'greeting' | 'strange' | 'connected' | 'publishing' | 'ended'
  let state: State = 'greeting'
  let app = ''
  let received = 0
  let acknowledged = 0
  let windowBytes = WINDOW_BYTES
  let flv: FlvWriter | null = null
  const handshake = createHandshake(effects.send)
  const chunks = createChunkReader({ limits: STRANGER, onMessage })

  function end(how: SessionEnd): void {
    if (state === 'ended') return
    state = 'ended'
    chunks.stop()
    effects.end(how)
  }

  function refuse(why: SessionEnd['why'], code: string, words: string): void {
    if (state === 'ended') return
    effects.send(m.toStatus('error', code, words))
    end({ why, words })
  }

  function onMessage(message: RtmpMessage): void {
    const { payload } = message
    switch (message.type) {
      case m.USER_CONTROL:
        if (payload.length >= 6 && ((payload[0] as number) << 8) + (payload[1] as number) === m.PING_REQUEST)
          effects.send(m.toUserControl(m.PING_RESPONSE, uint32(payload, 2)))
        return
      case m.WINDOW_SIZE:
        if (payload.length >= 4) windowBytes = Math.max(SMALLEST_WINDOW_BYTES, uint32(payload, 0))
        return
      case m.PEER_BANDWIDTH:
        // It wants to know how much we send before we wait for its word (5.4.5).
        return effects.send(m.toWindowSize(WINDOW_BYTES))
      case m.COMMAND:
        return command(fromAmf(payload))
      case m.COMMAND_AMF3:
        // AMF 0 behind one byte, in all that is known to send it.
        return command(fromAmf(payload.subarray(1)))
      case m.AUDIO:
      case m.VIDEO:
      case m.AGGREGATE:
      case m.DATA:
      case m.DATA_AMF3:
        return media(message)
    }
  }

  function media(message: RtmpMessage): void {
    if (!flv) throw new RtmpError('media before anything was agreed on')
    if (message.type === m.DATA) return flv.data(fromAmf(message.payload))
    if (message.type === m.DATA_AMF3) return flv.data(fromAmf(message.payload.subarray(1)))
    const words = flv.media(message)
    if (words) refuse('unfit', 'NetStream.Publish.Failed', words)
  }

  function command([name, id, about, argument]: Amf[]): void {
    const number = typeof id === 'number' ? id : 0
    const result = (...values: Amf[]) => {
      if (number > 0) effects.send(m.toCommand('_result', number, ...values))
    }
    switch (name) {
      case 'connect':
        return connect(number, about)
      case 'releaseStream':
      case 'FCPublish':
        return result(null, undefined)
      case 'createStream':
        return result(null, m.STREAM_ID)
      case 'publish':
        return publish(argument)
      case 'FCUnpublish':
      case 'closeStream':
      case 'deleteStream':
        if (state === 'publishing') end({ why: 'goodbye', words: 'The publisher ended its stream.' })
        return
      case 'play':
      case 'play2':
        return refuse('ended', 'NetStream.Play.Failed', 'Nothing can be played from here.')
    }
  }

  function connect(number: number, about: Amf): void {
    if (state !== 'strange') throw new RtmpError('it connects twice')
    const asked = about instanceof Map ? about.get('app') : null
    app = toName(asked)
    state = 'connected'
    effects.send(m.toWindowSize(WINDOW_BYTES))
    effects.send(m.toPeerBandwidth(WINDOW_BYTES))
    effects.send(m.toChunkSize())
    const server = amfObject({ fmsVer: 'FMS/3,0,1,123', capabilities: 31 })
    const code = 'NetConnection.Connect.Success'
    const info = amfObject({ level: 'status', code, description: 'Connected.', objectEncoding: 0 })
    effects.send(m.toCommand('_result', number, server, info))
  }

  function publish(argument: Amf): void {
    if (state !== 'connected') throw new RtmpError('it publishes out of turn')
    const path = [app, toName(argument)].filter((part) => part !== '').join('/')
    const words = effects.publish(path)
    if (words !== null) return refuse('ended', 'NetStream.Publish.BadName', words)
    state = 'publishing'
    flv = createFlvWriter({
      write: effects.media,
      again: effects.again,
      refuse: (type, payload) => refuseCodec(type, payload, takes()),
    })
    chunks.limit(PUBLISHER)
    const code = 'NetStream.Publish.Start'
    effects.send(m.toUserControl(m.STREAM_BEGIN, m.STREAM_ID))
    effects.send(m.toCommand('onFCPublish', 0, null, amfObject({ code, description: 'Publishing.' })))
    effects.send(m.toStatus('status', code, 'Publishing.'))
  }

  function acknowledge(): void {
    if (received - acknowledged < windowBytes / 2) return
    acknowledged = received
    effects.send(m.toAcknowledgement(received))
  }

  return {
    receive(bytes) {
      if (state === 'ended') return
      received += bytes.length
      try {
        if (state === 'greeting') {
          const rest = handshake.push(bytes)
          if (!rest) return
          state = 'strange'
          chunks.push(rest)
        } else chunks.push(bytes)
        if (!flv && received > STRANGER_TOTAL_BYTES) throw new RtmpError('much is said, and nothing published')
        if ((state as State) !== 'ended') acknowledge()
      } catch (error) {
        if (!(error instanceof RtmpError)) throw error
        end({ why: 'unfit', words: `It sends what is not RTMP (${error.message}).` })
      }
    },
    ping: (nowMs) => effects.send(m.toUserControl(m.PING_REQUEST, Math.trunc(nowMs))),
    close: (words) => refuse('ended', 'NetStream.Publish.Failed', words),
    get isPublishing() {
      return state === 'publishing'
    },
  }
}

/** As people type it and encoders send it: `live/`, `/live`, `key?user=me`. */
function toName(value: Amf): string {
  if (typeof value !== 'string') return ''
  if (value.length > MAX_NAME) throw new RtmpError('a name is too long')
  return (value.split('?', 1)[0] as string).replace(/^\/+|\/+$/g, '')
}
