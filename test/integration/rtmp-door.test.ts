import { describe, expect, test } from 'bun:test'
import { utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { createManualClock } from '../../src/lib/clock.ts'
import { makeCertificate } from '../support/certificate.ts'
import { freeTcpPort } from '../support/ports.ts'
import { openTestDoor } from '../support/rtmp-door.ts'
import { openRawPublisher, toChunks, toPicture, toPublish, toWireCommand } from '../support/rtmp-wire.ts'
import { tempDir } from '../support/temp.ts'
import { eventually } from '../support/waiting.ts'

const START = 'NetStream.Publish.Start'
const BAD = 'NetStream.Publish.BadName'

/** A publisher that has been let in and sent its first picture. */
async function publishing(port: number, key = 'abc') {
  const publisher = await openRawPublisher(port)
  publisher.write(toPublish('live', key))
  await publisher.statusIs(START)
  publisher.write(toPicture())
  return publisher
}

describe('the door', () => {
  test('lets a publisher in, hands over what it sends, and says how it went', async () => {
    using it = await openTestDoor()
    const input = it.register()
    await input.hears('listening')
    const publisher = await publishing(it.port)
    await eventually(5_000, 'its media', () => input.mediaBytes() > 100)
    publisher.write(toWireCommand('deleteStream', 9, null, 1))
    await input.hears('gone')
    publisher.end()
    const again = await publishing(it.port)
    await input.hears('publisher', 2)
    again.end()
    await input.hears('gone', 2)
    expect(input.heard).toMatchObject([
      { t: 'listening' },
      { t: 'publisher', address: expect.stringMatching(/^127\.0\.0\.1:\d+$/) },
      { t: 'gone', orderly: true },
      { t: 'publisher' },
      { t: 'gone', orderly: false },
    ])
  })

  test.each([
    ['live', 'wrong'],
    ['other', 'abc'],
    ['other', 'wrong'],
    ['', ''],
  ])('answers %j with %j as every wrong key, and closes', async (app, key) => {
    using it = await openTestDoor()
    const input = it.register()
    await input.hears('listening')
    const stranger = await openRawPublisher(it.port)
    stranger.write(toPublish(app, key))
    await stranger.statusIs(BAD)
    await stranger.closed()
    expect(Buffer.from(stranger.bytes()).includes('There is no such application or stream key.')).toBe(true)
    expect(input.heard.filter(({ t }) => t === 'publisher')).toEqual([])
    expect(input.heard.filter(({ t }) => t === 'refused')).toHaveLength(app === 'live' ? 1 : 0)
  })

  test('a wrong key is told to no input where there are several, but once a second to the operator', async () => {
    const clock = createManualClock()
    using it = await openTestDoor({ clock })
    const inputs = [it.register(), it.register({ streamKey: 'other' })]
    for (const input of inputs) await input.hears('listening')
    const refuse = async () => {
      const stranger = await openRawPublisher(it.port)
      stranger.write(toPublish('live', 'wrong-key'))
      await stranger.closed()
    }
    for (let n = 0; n < 3; n++) await refuse()
    clock.advance(1_000)
    await refuse()
    await eventually(5_000, 'the second warning', () => it.warnings.length >= 2)
    expect(it.warnings).toEqual([
      expect.stringMatching(/^the RTMP publisher 127\.0\.0\.1:\d+ was turned away\. [^0-9]*$/),
      expect.stringMatching(/ 2 more were turned away since the last word about it\.$/),
    ])
    expect(it.warnings.join()).not.toContain('wrong-key')
    for (const { heard } of inputs) expect(heard.map(({ t }) => t)).toEqual(['listening'])
  })

  test('of more than 20 strangers from one address the oldest gives way', async () => {
    using it = await openTestDoor()
    const input = it.register()
    await input.hears('listening')
    const publisher = await publishing(it.port)
    await input.hears('publisher')
    const strangers = []
    for (let n = 0; n < 22; n++) strangers.push(await openRawPublisher(it.port))
    const [first, second, ...others] = strangers
    await first?.closed()
    await second?.closed()
    expect([publisher, ...others].map(({ isClosed }) => isClosed)).not.toContain(true)
    const late = await openRawPublisher(it.port)
    late.write(toPublish('live', 'abc'))
    await late.statusIs(BAD)
    for (const each of [publisher, ...others]) each.end()
  })

  test('tells of those turned away once a second, with the number of the others', async () => {
    const clock = createManualClock()
    using it = await openTestDoor({ clock })
    const input = it.register()
    await input.hears('listening')
    const refuse = async () => {
      const stranger = await openRawPublisher(it.port)
      stranger.write(toPublish('live', 'wrong'))
      await stranger.closed()
    }
    for (let i = 0; i < 4; i++) await refuse()
    clock.advance(1_000)
    await refuse()
    await input.hears('refused', 2)
    expect(input.heard.filter(({ t }) => t === 'refused')).toMatchObject([{ leftOut: 0 }, { leftOut: 3 }])
    expect(JSON.stringify(input.heard)).not.toContain('wrong"')
  })

  test('refuses a second publisher; the first goes on', async () => {
    using it = await openTestDoor()
    const input = it.register()
    await input.hears('listening')
    const first = await publishing(it.port)
    const second = await openRawPublisher(it.port)
    second.write(toPublish('live', 'abc'))
    await second.statusIs(BAD)
    await second.closed()
    const before = input.mediaBytes()
    first.write(toPicture(5_000))
    await eventually(5_000, 'the first goes on', () => input.mediaBytes() > before + 5_000)
    expect(input.heard.map(({ t }) => t)).toEqual(['listening', 'publisher', 'refused'])
  })

  test('puts the first out where the second is to replace it', async () => {
    const clock = createManualClock()
    using it = await openTestDoor({ clock })
    const input = it.register({ onSecondPublisher: 'replace' })
    await input.hears('listening')
    const first = await publishing(it.port)
    await input.hears('publisher')
    for (let n = 0; n < 2; n++) {
      clock.advance(2_400)
      const before = input.mediaBytes()
      first.write(toPicture())
      await eventually(5_000, 'the first is no silent one', () => input.mediaBytes() > before)
      if (n === 1) break
      // Who was let in just before keeps the place.
      const early = await openRawPublisher(it.port)
      early.write(toPublish('live', 'abc'))
      await early.statusIs(BAD)
    }
    clock.advance(200)
    const second = await publishing(it.port)
    await first.statusIs('NetStream.Publish.Failed')
    await first.closed()
    await input.hears('publisher', 2)
    expect(input.heard).toMatchObject([
      { t: 'listening' },
      { t: 'publisher' },
      { t: 'refused', words: 'Another publisher took the place less than 5 s ago.' },
      { t: 'gone', replacedBy: expect.stringMatching(/^127\.0\.0\.1:\d+$/) },
      { t: 'publisher' },
    ])
    expect(second.isClosed).toBe(false)
  })

  test('gives the place of a publisher that has been silent for 3 s to the next', async () => {
    const clock = createManualClock()
    using it = await openTestDoor({ clock })
    const input = it.register()
    await input.hears('listening')
    const first = await publishing(it.port)
    await eventually(5_000, 'its media', () => input.mediaBytes() > 0)
    clock.advance(3_000)
    await publishing(it.port)
    await first.closed()
    await input.hears('publisher', 2)
  })

  test('asks a silent publisher for a sign of life, and gives it up after 15 s', async () => {
    const clock = createManualClock()
    using it = await openTestDoor({ clock })
    const input = it.register()
    await input.hears('listening')
    const publisher = await publishing(it.port)
    await eventually(5_000, 'its media', () => input.mediaBytes() > 0)
    const said = publisher.bytes().length
    clock.advance(5_500)
    await eventually(5_000, 'a ping', () => publisher.bytes().length > said)
    expect(publisher.isClosed).toBe(false)
    clock.advance(10_000)
    await publisher.closed()
    await input.hears('gone')
    expect(input.heard.at(-1)).toMatchObject({ orderly: false })
  })

  test('puts a publisher out when its input asks for it, is changed, or goes', async () => {
    using it = await openTestDoor()
    const input = it.register()
    await input.hears('listening')
    const first = await publishing(it.port)
    await input.hears('publisher')
    input.door.send({ t: 'end', words: 'FFmpeg ended.' })
    await first.closed()
    await input.hears('gone')
    expect(input.heard.at(-1)).toMatchObject({ orderly: false, words: 'FFmpeg ended.' })
    const second = await publishing(it.port)
    input.door.close()
    await second.closed()
    expect(Buffer.from(second.bytes()).includes('The input was stopped or changed.')).toBe(true)
  })

  test('holds back a publisher whose input does not follow, loses nothing, and ends it after 10 s', async () => {
    const clock = createManualClock()
    using it = await openTestDoor({ clock })
    const input = it.register()
    await input.hears('listening')
    const publisher = await publishing(it.port)
    await eventually(5_000, 'its media', () => input.mediaBytes() > 0)
    const release = input.hold()
    const pictures = 100
    for (let i = 0; i < pictures; i++) publisher.write(toPicture(100_000))
    await eventually(5_000, 'the first of them', () => input.mediaBytes() > 10_000)
    const seen = input.mediaBytes()
    release()
    await eventually(10_000, 'all of them', () => input.mediaBytes() >= pictures * 100_000)
    expect(seen).toBeLessThan(2_000_000)
    input.hold()
    for (let i = 0; i < pictures; i++) publisher.write(toPicture(100_000))
    await Bun.sleep(200)
    clock.advance(5_000)
    expect(publisher.isClosed).toBe(false)
    clock.advance(6_000)
    await publisher.closed()
  })

  test('loses nothing of a publisher that closes while its input is behind, not even its goodbye', async () => {
    using it = await openTestDoor()
    const input = it.register()
    await input.hears('listening')
    const publisher = await publishing(it.port)
    await eventually(5_000, 'its media', () => input.mediaBytes() > 0)
    const release = input.hold()
    for (let i = 0; i < 50; i++) publisher.write(toPicture(100_000))
    publisher.write(toWireCommand('deleteStream', 9, null, 1))
    publisher.finish()
    await Bun.sleep(500)
    expect(input.heard.some(({ t }) => t === 'gone')).toBe(false)
    release()
    await input.hears('gone')
    expect(input.heard.at(-1)).toMatchObject({ t: 'gone', orderly: true })
    expect(input.mediaBytes()).toBeGreaterThan(50 * 100_000)
  })

  test('gives its input another beginning where a track comes late', async () => {
    using it = await openTestDoor()
    const input = it.register()
    await input.hears('listening')
    const publisher = await publishing(it.port)
    publisher.write(toChunks({ type: 8, chunkStream: 4, payload: new Uint8Array([0xaf, 0, 0x11, 0x90]) }))
    await input.hears('publisher', 2)
    expect(input.heard.slice(1)).toMatchObject([
      { t: 'publisher' },
      { t: 'gone', orderly: false, words: expect.stringContaining('sound began late') },
      { t: 'publisher' },
    ])
    expect(publisher.isClosed).toBe(false)
  })

  test('keeps inputs apart by application and key', async () => {
    using it = await openTestDoor()
    const [one, two] = [it.register(), it.register({ streamKey: 'def' })]
    await Promise.all([one.hears('listening'), two.hears('listening')])
    await publishing(it.port, 'def')
    await two.hears('publisher')
    expect(one.heard.map(({ t }) => t)).toEqual(['listening'])
  })
})

describe('its port', () => {
  test('that is taken is tried again, said so after 5 s, and found when it is free', async () => {
    const squatter = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data: () => undefined } })
    const clock = createManualClock()
    using it = await openTestDoor({ clock, places: { host: '127.0.0.1', port: squatter.port, tls: null } })
    const input = it.register()
    await eventually(5_000, 'it is registered', async () => {
      clock.advance(1_000)
      return input.heard.length > 0
    })
    expect(input.heard[0]).toMatchObject({
      t: 'blocked',
      code: 'input.port_taken',
      words: expect.stringContaining(`${squatter.port}`),
    })
    squatter.stop(true)
    clock.advance(10_000)
    await input.hears('listening')
  })

  test('0 is none, and whoever wants it is told', async () => {
    using it = await openTestDoor({ places: null })
    const input = it.register()
    await input.hears('unavailable')
  })

  test('is closed a while after the last input has gone', async () => {
    const clock = createManualClock()
    using it = await openTestDoor({ clock })
    const input = it.register()
    await input.hears('listening')
    input.door.close()
    await eventually(5_000, 'it is closed', async () => {
      clock.advance(6_000)
      const late = await openRawPublisher(it.port)
      late.write(toPublish('live', 'abc'))
      return late.isClosed
    })
  })
})

describe('over TLS', () => {
  test('publishers are let in; a certificate that was renewed is used without a restart, a broken one is not', async () => {
    const dir = tempDir('certificate')
    const serial = makeCertificate(dir)
    const clock = createManualClock()
    const tls = { port: await freeTcpPort(), certFile: join(dir, 'cert.pem'), keyFile: join(dir, 'key.pem') }
    using it = await openTestDoor({ clock, places: { host: '127.0.0.1', port: await freeTcpPort(), tls } })
    const input = it.register()
    await input.hears('listening')
    const meet = async () => {
      const socket = connect({ port: tls.port, host: '127.0.0.1', rejectUnauthorized: false })
      socket.resume()
      await new Promise<void>((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject))
      return {
        socket,
        serial: socket.getPeerCertificate().serialNumber,
      }
    }
    const first = await meet()
    expect(first.serial).toBe(serial)
    first.socket.write(toPublish('live', 'abc'))
    first.socket.write(toPicture(50_000))
    await eventually(5_000, 'its media', () => input.mediaBytes() > 50_000)

    const renewed = makeCertificate(dir)
    const later = new Date(Date.now() + 60_000)
    utimesSync(tls.certFile, later, later)
    clock.advance(10_000)
    expect((await meet()).serial).toBe(renewed)
    const before = input.mediaBytes()
    first.socket.write(toPicture(50_000))
    await eventually(5_000, 'the first goes on', () => input.mediaBytes() >= before + 50_000)
    writeFileSync(tls.certFile, 'no certificate')
    clock.advance(10_000)
    expect((await meet()).serial).toBe(renewed)
    expect(it.warnings).toHaveLength(1)

    first.socket.destroy()
  })
})
