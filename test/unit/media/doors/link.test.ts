import { describe, expect, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Frame, createFrameReader, CONTROL, MEDIA, toFrame } from '../../../../src/media/doors/frames.ts'
import { connectDoor, createDoorServer, type Link, type LinkHandlers } from '../../../../src/media/doors/link.ts'
import type { FromDoor, ToDoor } from '../../../../src/media/doors/messages.ts'
import { tempDir } from '../../../support/temp.ts'
import { eventually } from '../../../support/waiting.ts'

const register: ToDoor = {
  t: 'register_rtmp',
  inputId: 3,
  app: 'live',
  streamKey: 'schlüssel',
  onSecondPublisher: 'refuse',
}

function openPair(door: Partial<LinkHandlers<ToDoor>> = {}, worker: Partial<LinkHandlers<FromDoor>> = {}) {
  const path = join(tempDir('door'), 'rtmp.sock')
  const heard = { door: [] as ToDoor[], worker: [] as FromDoor[], ends: [] as (string | null)[] }
  const { promise, resolve } = Promise.withResolvers<Link<FromDoor>>()
  const server = createDoorServer(path, {
    onOpen(link) {
      resolve(link)
      return {
        onControl: (control) => void heard.door.push(control),
        onMedia: () => null,
        onClose: (error) => void heard.ends.push(error),
        ...door,
      }
    },
  })
  const link = connectDoor(path, {
    onControl: (control) => void heard.worker.push(control),
    onMedia: () => null,
    onClose: (error) => void heard.ends.push(error),
    ...worker,
  })
  return { path, server, link, heard, atDoor: promise, [Symbol.dispose]: () => server.close() }
}

describe('the wire', () => {
  const frames = [
    toFrame(CONTROL, new TextEncoder().encode('{"t":"end"}')),
    toFrame(MEDIA, new Uint8Array(0)),
    toFrame(MEDIA, new Uint8Array(70_000).fill(7)),
    toFrame(CONTROL, new Uint8Array(1)),
  ]
  const bytes = Buffer.concat(frames)

  test.each([1, 3, 5, 1_316, 65_536, bytes.length])('is read the same in pieces of %d bytes', (size) => {
    const reader = createFrameReader()
    const seen: Frame[] = []
    for (let at = 0; at < bytes.length; at += size) {
      reader.push(bytes.subarray(at, at + size))
      for (let frame = reader.next(); frame; frame = reader.next()) seen.push(frame)
    }
    expect(seen.map(({ type, payload }) => Buffer.from(toFrame(type as 1, payload)))).toEqual(
      frames.map((frame) => Buffer.from(frame)),
    )
  })

  test.each([
    ['of another type', [3, 0, 0, 0, 1]],
    ['of control longer than 64 KiB', [1, 0, 1, 0, 1]],
    ['of media longer than 1 MiB', [2, 0, 16, 0, 1]],
  ])('a frame %s is refused by its header', (_, header) => {
    const reader = createFrameReader()
    reader.push(new Uint8Array(header))
    expect(() => reader.next()).toThrow(RangeError)
  })
})

describe('a link', () => {
  test('carries control and media both ways, in order; what is sent before it is open waits', async () => {
    const got: string[] = []
    const media = (end: string) => (bytes: Uint8Array) => {
      got.push(`${end}:${bytes.length}`)
      return null
    }
    using pair = openPair(
      { onMedia: media('door') },
      {
        onMedia: media('worker'),
        onControl: (control) => void got.push(`worker:${control.t}`),
      },
    )
    pair.link.send(register)
    void pair.link.media(new Uint8Array(9))
    const door = await pair.atDoor
    door.send({ t: 'publisher', address: '192.0.2.1:5', streamId: null })
    await door.media(new Uint8Array(2_500_000))
    door.send({ t: 'gone', orderly: true, words: 'Bye.', replacedBy: null })
    await eventually(5_000, 'all has come', () => got.includes('worker:gone'))
    expect(got.filter((what) => what.startsWith('worker'))).toEqual([
      'worker:publisher',
      'worker:1048576',
      'worker:1048576',
      'worker:402848',
      'worker:gone',
    ])
    expect(got).toContain('door:9')
    expect(pair.heard.door).toEqual([register])
  })

  test('one end that is behind holds back the other, and nothing is lost', async () => {
    const gate = Promise.withResolvers<void>()
    let received = 0
    let first = true
    using pair = openPair(
      {},
      {
        onMedia(bytes) {
          received += bytes.length
          if (!first) return null
          first = false
          return gate.promise
        },
      },
    )
    const door = await pair.atDoor
    let pending: Promise<void> | null = null
    let sent = 0
    while (!pending) {
      pending = door.media(new Uint8Array(10_000))
      sent += 10_000
      if (sent % 100_000 === 0) await Bun.sleep(1)
    }
    expect(sent).toBeLessThan(3_000_000)
    await eventually(5_000, 'the first frame has come', () => received > 0)
    expect(received).toBe(10_000)
    gate.resolve()
    await pending
    await eventually(5_000, 'all has come', () => received === sent)
    expect(door.waitingBytes).toBe(0)
  })

  test('that nobody reads is ended before it holds more than its limit', async () => {
    using pair = openPair({}, { onMedia: () => new Promise(() => undefined) })
    const door = await pair.atDoor
    let most = 0
    for (let i = 0; i < 20; i++) {
      void door.media(new Uint8Array(500_000))
      most = Math.max(most, door.waitingBytes)
    }
    expect(most).toBeLessThan(8.5 * 1024 * 1024)
    await eventually(5_000, 'both ends know', () => pair.heard.ends.length === 2)
    expect(pair.heard.ends).toContain('the other end does not read')
  })

  test('a message that is none ends it, without a word of what it said', async () => {
    using pair = openPair()
    const raw = await Bun.connect({ unix: pair.path, socket: { data: () => undefined } })
    raw.write(toFrame(CONTROL, new TextEncoder().encode('{"t":"register_rtmp","streamKey":"geheim"}')))
    await eventually(5_000, 'it is ended', () => pair.heard.ends.length === 1)
    expect(pair.heard.ends).toEqual(['what came is no message'])
    expect(pair.heard.door).toEqual([])
  })

  test('media whose taker fails ends it', async () => {
    using pair = openPair({}, { onMedia: () => Promise.reject(new Error('the child is gone')) })
    await (await pair.atDoor).media(new Uint8Array(10))
    await eventually(5_000, 'both ends know', () => pair.heard.ends.length === 2)
    expect(pair.heard.ends).toContain('the child is gone')
  })

  test('ends for both when one closes, once', async () => {
    using pair = openPair()
    const door = await pair.atDoor
    pair.link.close()
    pair.link.close()
    await eventually(5_000, 'both ends know', () => pair.heard.ends.length === 2)
    expect(pair.heard.ends).toEqual([null, null])
    expect(door.media(new Uint8Array(1))).toBeNull()
  })

  test('to a door that is not there ends', async () => {
    const ends: (string | null)[] = []
    const path = join(tempDir('door'), 'none.sock')
    const handlers = { onControl: () => undefined, onMedia: () => null, onClose: (e: string | null) => ends.push(e) }
    connectDoor(path, handlers).send(register)
    await eventually(5_000, 'it is told', () => ends.length === 1)
    expect(ends[0]).not.toBeNull()
  })

  test('a door opens where one that died left its socket', async () => {
    const path = join(tempDir('door'), 'rtmp.sock')
    writeFileSync(path, '')
    const opened = Promise.withResolvers<void>()
    const quiet = { onControl: () => undefined, onMedia: () => null, onClose: () => undefined }
    const onOpen = () => {
      opened.resolve()
      return quiet
    }
    const server = createDoorServer(path, { onOpen })
    const link = connectDoor(path, quiet)
    await opened.promise
    link.close()
    server.close()
  })
})
