import { describe, expect, test } from 'bun:test'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { readTakenAt } from '../../../src/imaging/exif.ts'
import { createQueue, type QueuedJob } from '../../../src/imaging/queue.ts'
import { sniff } from '../../../src/imaging/sniff.ts'
import { toThumbhash } from '../../../src/imaging/thumbhash.ts'
import { writeWhole } from '../../../src/imaging/write-whole.ts'
import { tempDir } from '../../support/temp.ts'
import { paintThumbhash } from '../../support/thumbhash.ts'

const latin1 = (text: string) => Buffer.from(text, 'latin1')

describe('sniff', () => {
  test('words that begin with BM are no bitmap', () => {
    expect(sniff(latin1('BMW is a maker of cars, and this is a text.'))).toEqual({ type: null, name: null })
    expect(sniff(latin1('BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0'))).toEqual({ type: 'bmp' })
  })
  test('a RIFF that is a sound is no WebP', () => {
    expect(sniff(latin1('RIFF\x24\0\0\0WAVEfmt '))).toEqual({ type: null, name: null })
  })
  test('names what it knows and is slow at nothing', () => {
    expect(sniff(latin1(`\xef\xbb\xbf\n${'<!---->'.repeat(60)}<svg x="`))).toEqual({ type: null, name: 'SVG' })
    expect(sniff(latin1('\0\0\0\x20ftypisom\0\0\x02\0'))).toEqual({ type: null, name: 'a video' })
    expect(sniff(new Uint8Array(0))).toEqual({ type: null, name: null })
  })
})

describe('the moment a picture was taken', () => {
  /** A TIFF with one Exif directory; offsets fit both byte orders. */
  function toExif(order: 'II' | 'MM', date: string, offset: string | null): Buffer {
    const little = order === 'II'
    const bytes = Buffer.alloc(120)
    const u16 = (value: number, at: number) =>
      little ? bytes.writeUInt16LE(value, at) : bytes.writeUInt16BE(value, at)
    const u32 = (value: number, at: number) =>
      little ? bytes.writeUInt32LE(value, at) : bytes.writeUInt32BE(value, at)
    const entry = (at: number, tag: number, type: number, count: number, value: number) => {
      u16(tag, at)
      u16(type, at + 2)
      u32(count, at + 4)
      u32(value, at + 8)
    }
    bytes.write(order, 'latin1')
    u16(42, 2)
    u32(8, 4)
    u16(1, 8)
    entry(10, 0x8769, 4, 1, 26)
    u16(offset === null ? 1 : 2, 26)
    entry(28, 0x9003, 2, 20, 60)
    bytes.write(`${date}\0`, 60, 'latin1')
    if (offset !== null) {
      entry(40, 0x9011, 2, 7, 90)
      bytes.write(`${offset}\0`, 90, 'latin1')
    }
    return Buffer.concat([latin1('Exif\0\0'), bytes])
  }

  test('in both byte orders, with a time zone and without', () => {
    const utc = Date.UTC(2024, 1, 29, 12, 30, 15)
    expect(readTakenAt(toExif('II', '2024:02:29 12:30:15', null))).toBe(utc)
    expect(readTakenAt(toExif('MM', '2024:02:29 12:30:15', '+05:30'))).toBe(utc - 5.5 * 3_600_000)
    expect(readTakenAt(toExif('II', '2024:02:29 12:30:15', '-08:00'))).toBe(utc + 8 * 3_600_000)
    expect(readTakenAt(toExif('II', '2024:02:29 12:30:15', '   :  '))).toBe(utc)
  })
  test('a camera whose clock was never set says nothing', () => {
    expect(readTakenAt(toExif('II', '0000:00:00 00:00:00', null))).toBeNull()
    expect(readTakenAt(toExif('II', '    :  :     :  :  ', null))).toBeNull()
  })
  test('20,000 spoiled blocks give a time or nothing, never an error', () => {
    let state = 7
    const random = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return Math.floor((state / 2 ** 32) * below)
    }
    let times = 0
    for (let round = 0; round < 20_000; round++) {
      const whole = toExif(random(2) ? 'II' : 'MM', '2024:02:29 12:30:15', '+01:00')
      const bytes = whole.subarray(0, random(4) ? whole.length : random(whole.length))
      for (let change = random(3); change > 0; change--) bytes[random(bytes.length)] = random(256)
      if (readTakenAt(bytes) !== null) times++
    }
    expect(times).toBeWithin(1_000, 19_000)
  })
})

describe('thumbhash', () => {
  const solid = (width: number, height: number, rgba: number[]) =>
    Uint8Array.from({ length: width * height * 4 }, (_, i) => rgba[i & 3] as number)
  const head = (hash: Uint8Array) => (hash[0] as number) | ((hash[1] as number) << 8) | ((hash[2] as number) << 16)

  test('of one colour holds its mean, and no scale', () => {
    const bits = head(toThumbhash(8, 8, solid(8, 8, [255, 0, 0, 255])))
    expect(bits & 63).toBe(21) // a third of 63
    expect((bits >> 6) & 63).toBe(47) // (r + g) / 2 - b = 0.5
    expect((bits >> 12) & 63).toBe(63) // r - g = 1
    expect(bits >> 18).toBe(0)
  })
  test('says which way the picture lies and whether it shows through', () => {
    const wide = toThumbhash(60, 20, solid(60, 20, [9, 9, 9, 255]))
    expect((wide[4] as number) >> 7).toBe(1)
    expect((wide[3] as number) & 7).toBe(2)
    const tall = toThumbhash(20, 60, solid(20, 60, [9, 9, 9, 128]))
    expect((tall[4] as number) >> 7).toBe(0)
    expect(head(tall) >> 23).toBe(1)
    expect((tall[5] as number) & 15).toBe(8)
  })
  test('looks as the one that Bun makes of the same pixels', async () => {
    const [width, height] = [48, 32]
    const rgba = new Uint8Array(width * height * 4)
    // No part of it is nothing: a coefficient of zero lies between two steps, and each rounds it its own way.
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const red = 128 + 100 * Math.sin(x / 9 + y / 17)
        const green = 120 + 90 * Math.cos(x / 23 - y / 5 + 1)
        rgba.set([red, green, ((x * x) / 11 + 3 * y + (x * y) / 29) % 255, 255], (y * width + x) * 4)
      }
    const png = await sharp(rgba, { raw: { width, height, channels: 4 } })
      .png()
      .toBuffer()
    const painted = paintThumbhash(toThumbhash(width, height, rgba))
    const theirs = Buffer.from((await new Bun.Image(png).placeholder()).split(',')[1] as string, 'base64')
    const { data, info } = await sharp(theirs).removeAlpha().raw().toBuffer({ resolveWithObject: true })
    expect([info.width, info.height]).toEqual([painted.width, painted.height])
    const off = painted.rgb.map((value, i) => Math.abs(value - (data[i] as number)))
    expect(off.reduce((sum, value) => sum + value, 0) / off.length).toBeLessThan(1)
  })
})

describe('the queue', () => {
  const job = (id: number, priority: 'interactive' | 'background', queuedAtMs = 0, attempt = 1): QueuedJob => ({
    t: 'job',
    id,
    priority,
    job: { kind: 'ingest', sourcePath: '', outDir: '' },
    queuedAtMs,
    attempt,
  })
  test('people before the background, the first before the next, a second attempt before all', () => {
    const queue = createQueue(1_000)
    for (const it of [job(1, 'background'), job(2, 'interactive'), job(3, 'interactive'), job(4, 'background')])
      queue.add(it)
    queue.putBack(job(5, 'interactive', 0, 2))
    expect([1, 2, 3, 4, 5, 6].map(() => queue.next()?.id ?? null)).toEqual([5, 2, 3, 1, 4, null])
  })
  test('gives up on people who have waited too long, not on the background or a second attempt', () => {
    const queue = createQueue(1_000)
    for (const it of [
      job(1, 'interactive'),
      job(2, 'interactive', 600),
      job(3, 'background'),
      job(4, 'interactive', 0, 2),
    ])
      queue.add(it)
    expect(queue.takeLate(1_500).map(({ id }) => id)).toEqual([1])
    expect([1, 2, 3, 4].map(() => queue.next()?.id ?? null)).toEqual([2, 4, 3, null])
  })
})

describe('a whole file', () => {
  test('replaces the one before and leaves no draft, also when it fails', async () => {
    const dir = tempDir('whole')
    await writeWhole(dir, 'a.jpg', latin1('one'))
    await writeWhole(dir, 'a.jpg', latin1('two'))
    expect(readFileSync(join(dir, 'a.jpg'), 'latin1')).toBe('two')
    mkdirSync(join(dir, 'b.jpg'))
    await expect(writeWhole(dir, 'b.jpg', latin1('no'))).rejects.toThrow()
    expect(readdirSync(dir).sort()).toEqual(['a.jpg', 'b.jpg'])
  })
})
