import { describe, expect, test } from 'bun:test'
import { amfObject, toAmf } from '../../../../src/media/rtmp/amf0.ts'
import * as m from '../../../../src/media/rtmp/messages.ts'
import { createRtmpSession, type SessionEnd } from '../../../../src/media/rtmp/session.ts'
import {
  fromServer,
  HELLO,
  statusCodes,
  toChunks,
  toConnect,
  toPicture,
  toPublish,
  toWireCommand,
} from '../../../support/rtmp-wire.ts'

function open(answer: (path: string) => string | null = () => null) {
  const sent: Uint8Array[] = []
  const media: Uint8Array[] = []
  const asked: string[] = []
  const ends: SessionEnd[] = []
  const session = createRtmpSession(
    {
      send: (bytes) => void sent.push(bytes),
      publish(path) {
        asked.push(path)
        return answer(path)
      },
      media: (bytes) => void media.push(bytes),
      again: () => undefined,
      end: (end) => void ends.push(end),
    },
    () => ({ hevc: false }),
  )
  const said = () => fromServer(Buffer.concat(sent))
  return { session, media, asked, ends, said, codes: () => statusCodes(Buffer.concat(sent)) }
}

describe('a publisher', () => {
  test('is greeted, answered in the order of real servers, and let in', () => {
    const it = open()
    it.session.receive(toPublish('live', 'abc'))
    expect(it.asked).toEqual(['live/abc'])
    expect(it.said().map(({ type, values }) => values[0] ?? type)).toEqual([
      m.WINDOW_SIZE,
      m.PEER_BANDWIDTH,
      '_result',
      '_result',
      '_result',
      '_result',
      m.USER_CONTROL,
      'onFCPublish',
      'onStatus',
    ])
    expect(it.codes()).toEqual(['NetStream.Publish.Start'])
    expect(
      it
        .said()
        .filter(({ values }) => values[0] === '_result')
        .map(({ values }) => [values[1], values.at(-1)]),
    ).toMatchObject([
      [1, expect.anything()],
      [2, undefined],
      [3, undefined],
      [4, m.STREAM_ID],
    ])
  })

  test('may say everything at once or byte by byte', () => {
    const bytes = Buffer.concat([toPublish('live', 'abc'), toPicture(200)])
    const [whole, slow] = [open(), open()]
    whole.session.receive(bytes)
    for (const byte of bytes) slow.session.receive(new Uint8Array([byte]))
    expect(slow.asked).toEqual(whole.asked)
    expect(Buffer.concat(slow.media)).toEqual(Buffer.concat(whole.media))
    expect(whole.media.length).toBeGreaterThan(0)
  })

  test.each([
    ['live/', 'abc', 'live/abc'],
    ['/live', 'abc?user=me&pass=x', 'live/abc'],
    ['live?x=1', '/abc/', 'live/abc'],
    ['live/abc', '', 'live/abc'],
    ['', '', ''],
  ])('that says %j and %j means %j', (app, key, path) => {
    const it = open()
    it.session.receive(toPublish(app, key))
    expect(it.asked).toEqual([path])
  })

  test.each(['FCUnpublish', 'closeStream', 'deleteStream'])('that says %s has gone in order', (name) => {
    const it = open()
    it.session.receive(toPublish('live', 'abc'))
    it.session.receive(toPicture())
    it.session.receive(toWireCommand(name, 6, null, 1))
    expect(it.ends).toMatchObject([{ why: 'goodbye' }])
    const before = it.media.length
    it.session.receive(toPicture())
    expect(it.media.length).toBe(before)
  })

  test('is asked for a sign of life and answers ours', () => {
    const it = open()
    it.session.receive(toPublish('live', 'abc'))
    const ping = new Uint8Array([0, m.PING_REQUEST, 1, 2, 3, 4])
    it.session.receive(toChunks({ type: m.USER_CONTROL, chunkStream: 2, payload: ping }))
    it.session.ping(77)
    const [answer, question] = it.said().slice(-2)
    expect(answer?.payload).toEqual(new Uint8Array([0, m.PING_RESPONSE, 1, 2, 3, 4]))
    expect(question?.payload).toEqual(new Uint8Array([0, m.PING_REQUEST, 0, 0, 0, 77]))
  })

  test('is told how much has come, as often as it asks', () => {
    const it = open()
    it.session.receive(toPublish('live', 'abc'))
    const window = new Uint8Array(4)
    new DataView(window.buffer).setUint32(0, 200_000)
    it.session.receive(toChunks({ type: m.WINDOW_SIZE, chunkStream: 2, payload: window }))
    const picture = toPicture(50_000)
    for (let i = 0; i < 5; i++) it.session.receive(picture)
    const told = it.said().filter(({ type }) => type === m.ACKNOWLEDGEMENT)
    expect(told).toHaveLength(2)
    const total = toPublish('live', 'abc').length + 16 + 2 * picture.length
    expect(new DataView(told[0]!.payload.buffer).getUint32(0)).toBe(total)
  })

  test('that sends what FFmpeg cannot read is told so, and its place too', () => {
    const it = open()
    it.session.receive(toPublish('live', 'abc'))
    const payload = new Uint8Array(Buffer.from('9068766331', 'hex'))
    it.session.receive(toChunks({ type: m.VIDEO, payload }))
    expect(it.codes()).toEqual(['NetStream.Publish.Start', 'NetStream.Publish.Failed'])
    expect(it.ends).toMatchObject([{ why: 'unfit', words: expect.stringContaining('HEVC') }])
    expect(it.media).toEqual([])
  })

  test('of Flash, with commands in AMF 3, is understood', () => {
    const it = open()
    const amf3 = (...values: Parameters<typeof toAmf>) =>
      toChunks({ type: m.COMMAND_AMF3, payload: Buffer.concat([new Uint8Array(1), toAmf(...values)]) })
    it.session.receive(HELLO)
    it.session.receive(amf3('connect', 1, amfObject({ app: 'live' })))
    it.session.receive(amf3('publish', 2, null, 'abc', 'live'))
    expect(it.asked).toEqual(['live/abc'])
  })
})

describe('a stranger', () => {
  test('whose key is wrong is refused before any of its media is taken', () => {
    const it = open(() => 'There is no such application or stream key.')
    it.session.receive(Buffer.concat([toPublish('live', 'wrong'), toPicture()]))
    expect(it.codes()).toEqual(['NetStream.Publish.BadName'])
    expect(it.ends).toHaveLength(1)
    expect(it.media).toEqual([])
  })

  test('cannot play', () => {
    const it = open()
    it.session.receive(Buffer.concat([HELLO, toConnect('live'), toWireCommand('play', 2, null, 'abc')]))
    expect(it.codes()).toEqual(['NetStream.Play.Failed'])
    expect(it.ends).toHaveLength(1)
    expect(it.asked).toEqual([])
  })

  const long = 'x'.repeat(5_000)
  test.each([
    ['a web browser', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['encrypted RTMP', Buffer.concat([new Uint8Array([6]), HELLO.subarray(1)])],
    ['media before publish', Buffer.concat([HELLO, toConnect('live'), toPicture()])],
    ['publish before connect', Buffer.concat([HELLO, toWireCommand('publish', 1, null, 'abc', 'live')])],
    ['connect twice', Buffer.concat([HELLO, toConnect('live'), toConnect('live')])],
    ['publish twice', Buffer.concat([toPublish('live', 'abc'), toWireCommand('publish', 6, null, 'abc', 'live')])],
    ['a command of 5,000 bytes', Buffer.concat([HELLO, toConnect(long)])],
    ['a name of 600 letters', Buffer.concat([HELLO, toConnect('x'.repeat(600))])],
    ['a command that is no AMF', Buffer.concat([HELLO, toChunks({ type: m.COMMAND, payload: new Uint8Array([7]) })])],
    [
      'much talk and no publish',
      Buffer.concat([HELLO, ...Array.from({ length: 600 }, () => toWireCommand('_checkbw', 9, 'x'.repeat(100)))]),
    ],
  ])('%s is ended', (_, bytes) => {
    const it = open()
    it.session.receive(bytes)
    expect(it.ends).toMatchObject([{ why: 'unfit' }])
    it.session.receive(bytes)
    expect(it.ends).toHaveLength(1)
    expect(it.media).toEqual([])
  })
})
