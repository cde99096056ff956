import { afterAll, describe, expect, test } from 'bun:test'
import { readdirSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import type { Picture } from '../../src/imaging/client.ts'
import { FIRST_VARIANTS, VARIANTS } from '../../src/imaging/protocol.ts'
import { openImaging, readMade, refusalOf } from '../support/imaging.ts'
import {
  CORNERS,
  cornerPixels,
  corners,
  distance,
  flatPng,
  movingGif,
  photo,
  pngHeader,
  readCorners,
} from '../support/pictures.ts'

const stage = openImaging()
const { client, put } = stage
afterAll(() => client.close())

const filesOf = (picture: Picture) => readdirSync(picture.outDir).sort()
const sizeOf = async (picture: Picture, name: string) => {
  const { format, width, height, pages } = await sharp(await readMade(picture, name)).metadata()
  return { format, width, height, pages: pages ?? 1 }
}
const refused = (bytes: Uint8Array, name?: string) => refusalOf(client.ingest(put(bytes, name)))

describe('a picture that is taken in', () => {
  test('has its first files, its size and a placeholder when the answer comes', async () => {
    const picture = put(await corners(2000, 1500).jpeg().toBuffer())
    const answer = await client.ingest(picture)
    expect(answer).toMatchObject({
      mime: 'image/jpeg',
      width: 2000,
      height: 1500,
      frames: 1,
      hasAlpha: false,
      takenAt: null,
    })
    expect(filesOf(picture)).toEqual([...FIRST_VARIANTS].sort())
    expect(answer.files).toEqual(
      FIRST_VARIANTS.map((name) => ({ name, sizeBytes: statSync(join(picture.outDir, name)).size })),
    )
    expect(await sizeOf(picture, 'thumb.jpg')).toEqual({ format: 'jpeg', width: 200, height: 200, pages: 1 })
    expect(await sizeOf(picture, 'small.jpg')).toEqual({ format: 'jpeg', width: 400, height: 300, pages: 1 })
    expect(await sizeOf(picture, 'small.webp')).toEqual({ format: 'webp', width: 400, height: 300, pages: 1 })
    expect(await sizeOf(picture, 'large.jpg')).toEqual({ format: 'jpeg', width: 1280, height: 960, pages: 1 })
    // Five bytes of head, then 27 luminance and 2 x 5 colour coefficients of four bits at 4:3 (7 x 5).
    expect(Buffer.from(answer.placeholder, 'base64').length).toBeGreaterThanOrEqual(16)
  })

  test('has all others after the work in the background, with one full size', async () => {
    const picture = put(await corners(1600, 1200).jpeg().toBuffer())
    await client.ingest(picture)
    const files = await client.background(picture)
    const expected = VARIANTS.filter((name) => !['teaser.jpg', 'full.webp', 'full.avif'].includes(name))
    expect(filesOf(picture)).toEqual([...expected].sort())
    expect(files.map(({ name }) => name).sort()).toEqual(
      expected.filter((name) => !(FIRST_VARIANTS as readonly string[]).includes(name)).sort(),
    )
    expect(await sizeOf(picture, 'large.webp')).toMatchObject({ format: 'webp', width: 1280, height: 960 })
    expect(await sizeOf(picture, 'full.jpg')).toMatchObject({ format: 'jpeg', width: 1600, height: 1200 })
    const avif = await readMade(picture, 'large.avif')
    expect(avif.subarray(4, 12).toString('latin1')).toBe('ftypavif')
    expect(distance((await readCorners(avif)).upperLeft, CORNERS.upperLeft)).toBeLessThan(16)
  })

  test('is never enlarged but for the thumb, which is always filled', async () => {
    const picture = put(await corners(90, 60).png().toBuffer())
    await client.ingest(picture)
    expect(await sizeOf(picture, 'small.jpg')).toMatchObject({ width: 90, height: 60 })
    expect(await sizeOf(picture, 'large.jpg')).toMatchObject({ width: 90, height: 60 })
    expect(await sizeOf(picture, 'thumb.jpg')).toMatchObject({ width: 200, height: 200 })
  })

  test('a panorama has a sharp thumb: it is cut from enough pixels', async () => {
    const stripes = sharp({ create: { width: 8000, height: 400, channels: 3, background: '#000' } })
    const bar = await sharp({ create: { width: 20, height: 400, channels: 3, background: '#fff' } })
      .png()
      .toBuffer()
    const bytes = await stripes
      .composite([{ input: bar, left: 3990, top: 0 }])
      .jpeg()
      .toBuffer()
    const picture = put(bytes)
    await client.ingest(picture)
    expect(await sizeOf(picture, 'large.jpg')).toMatchObject({ width: 1280, height: 64 })
    const thumb = await sharp(await readMade(picture, 'thumb.jpg'))
      .greyscale()
      .raw()
      .toBuffer()
    const row = [...thumb.subarray(100 * 200, 101 * 200)]
    // Twenty pixels of 400 are ten of 200; a thumb made from the 64 rows of `large` would smear them over thirty.
    expect(row.filter((value) => value > 200).length).toBeWithin(7, 12)
    expect(row.filter((value) => value > 30).length).toBeLessThan(18)
  })

  test('a teaser is small and blurred', async () => {
    const picture = put(await corners(800, 600).jpeg().toBuffer())
    expect((await client.variantOnce({ ...picture, name: 'teaser.jpg' })).sizeBytes).toBeLessThan(2_000)
    expect(await sizeOf(picture, 'teaser.jpg')).toMatchObject({ format: 'jpeg', width: 64, height: 48 })
    const { data, info } = await sharp(await readMade(picture, 'teaser.jpg'))
      .raw()
      .toBuffer({ resolveWithObject: true })
    const across = Array.from({ length: info.width }, (_, x) => data[(10 * info.width + x) * info.channels] as number)
    const steps = across.slice(1).map((value, i) => Math.abs(value - (across[i] as number)))
    expect(Math.max(...steps)).toBeLessThan(30)
  })
})

describe('what a picture is, its content says', () => {
  const types = {
    jpeg: () => corners().jpeg().toBuffer(),
    png: () => corners().png().toBuffer(),
    webp: () => corners().webp().toBuffer(),
    gif: () => corners().gif().toBuffer(),
  }
  for (const [type, make] of Object.entries(types))
    test(`${type}, whatever its name`, async () => {
      const picture = put(await make(), `${type} [0].exe`)
      expect(await client.ingest(picture)).toMatchObject({ mime: `image/${type}`, width: 800, height: 600 })
      const seen = await readCorners(await readMade(picture, 'small.jpg'))
      for (const corner of Object.keys(CORNERS) as (keyof typeof CORNERS)[])
        expect(distance(seen[corner], CORNERS[corner])).toBeLessThan(12)
    })

  test('bmp, whatever its name', async () => {
    const picture = put(toBmp24(cornerPixels(800, 600), 800, 600), 'bmp.jpg')
    expect(await client.ingest(picture)).toMatchObject({ mime: 'image/bmp', width: 800, height: 600, hasAlpha: false })
    await client.variantOnce({ ...picture, name: 'full.jpg' })
    for (const name of ['small.jpg', 'full.jpg']) {
      const seen = await readCorners(await readMade(picture, name))
      for (const corner of Object.keys(CORNERS) as (keyof typeof CORNERS)[])
        expect(distance(seen[corner], CORNERS[corner])).toBeLessThan(12)
    }
  })

  const others: [string, Uint8Array, RegExp][] = [
    [
      'SVG',
      Buffer.from('<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
      /SVG/,
    ],
    [
      'HEIC',
      Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'),
      /Send JPEG instead.*iPhone.*Settings, Camera, Formats.*Most Compatible/,
    ],
    ['AVIF', Buffer.from('\0\0\0\x1cftypavif\0\0\0\0avifmif1', 'latin1'), /AVIF/],
    ['TIFF', Buffer.from('II*\0\x08\0\0\0', 'latin1'), /TIFF/],
    ['a page named .jpg', Buffer.from('<!DOCTYPE html><html><body>hello</body></html>'), /a web page/],
    ['a program', Buffer.from('\x7fELF\x02\x01\x01', 'latin1'), /no picture/],
  ]
  for (const [name, bytes, words] of others)
    test(`${name} is refused by name`, async () => {
      const error = await client.ingest(put(bytes, 'holiday.jpg')).catch((cause) => cause)
      expect(error).toMatchObject({ code: 'image.type', status: 415 })
      expect(error.message).toMatch(words)
    })

  test('a real AVIF is refused too: its loader is shut', async () => {
    expect(await refused(await corners().avif({ effort: 0 }).toBuffer())).toBe('image.type')
  })

  test('a TIFF behind the first bytes of a JPEG opens no other loader', async () => {
    const tiff = await corners().tiff().toBuffer()
    tiff.set([0xff, 0xd8, 0xff], 0)
    expect(await refused(tiff)).toBe('image.broken')
  })
})

describe('what cannot be taken in is refused and leaves nothing', () => {
  const cases: [string, string, () => Promise<Uint8Array> | Uint8Array][] = [
    ['zero bytes', 'image.empty', () => new Uint8Array(0)],
    ['a JPEG cut in the middle', 'image.broken', async () => cut(await photo(1200, 900), 0.6)],
    ['a JPEG cut near its end', 'image.broken', async () => cut(await photo(1200, 900), 0.97)],
    ['a PNG cut in the middle', 'image.broken', async () => cut(await corners().png().toBuffer(), 0.6)],
    ['a WebP cut in the middle', 'image.broken', async () => cut(await corners().webp().toBuffer(), 0.6)],
    ['a GIF cut in the middle', 'image.broken', () => cut(movingGif(1, 300), 0.6)],
    ['a JPEG of three bytes', 'image.broken', () => Uint8Array.of(0xff, 0xd8, 0xff)],
    ['1 x 65535 pixels', 'image.pixels', () => flatPng(1, 65_535)],
    ['30000 x 30000 pixels', 'image.pixels', () => pngHeader(30_000, 30_000)],
    ['a GIF of 5,000 frames', 'image.frames', () => movingGif(5_000)],
    [
      'a bitmap of 30,069 pixels a side',
      'image.pixels',
      () => toBmp24(Buffer.alloc(3), 1, 1).fill(0x75, 18, 20).fill(0x75, 22, 24),
    ],
    ['a bitmap that is cut', 'image.broken', () => cut(toBmp24(cornerPixels(90, 90), 90, 90), 0.7)],
    ['a GIF of 301 frames', 'image.frames', () => movingGif(301)],
  ]
  for (const [name, code, make] of cases)
    test(`${name}: ${code}`, async () => {
      const picture = put(await make())
      expect(await refusalOf(client.ingest(picture))).toBe(code)
      expect(filesOf(picture)).toEqual([])
    })

  test('256 megapixels in a few kilobytes cost neither time nor memory', async () => {
    const bomb = flatPng(16_000, 16_000)
    expect(bomb.length).toBeLessThan(250_000)
    expect(await refused(bomb)).toBe('image.pixels')
  })

  test('many small frames are too many pixels in all', async () => {
    const frames = 60
    const one = sharp({ create: { width: 1400, height: 1400 * frames, channels: 3, background: '#345' } })
    const { data } = await one.raw().toBuffer({ resolveWithObject: true })
    for (let i = 0; i < frames; i++) data[i * 1400 * 1400 * 3 + 500 * i] = 255
    const raw = { width: 1400, height: 1400 * frames, channels: 3 as const, pageHeight: 1400 }
    const bytes = await sharp(data, { raw, limitInputPixels: false }).webp({ effort: 0 }).toBuffer()
    expect((await sharp(bytes).metadata()).pages).toBe(frames)
    expect(await refused(bytes)).toBe('image.pixels')
  }, 60_000)

  test('300 frames are taken', async () => {
    expect(await client.ingest(put(movingGif(300)))).toMatchObject({ frames: 300, mime: 'image/gif' })
  })
})

describe('what stands in a picture beside its pixels', () => {
  const GPS = {
    GPSLatitudeRef: 'N',
    GPSLatitude: '51/1 30/1 3230/100',
    GPSLongitudeRef: 'W',
    GPSLongitude: '0/1 7/1 4366/100',
  }
  const exif = {
    IFD0: { Make: 'SECRETCAMERA', ImageDescription: 'SECRETWORDS', Artist: 'SECRETNAME' },
    IFD2: { DateTimeOriginal: '2024:05:06 07:08:09', OffsetTimeOriginal: '+02:00', BodySerialNumber: 'SECRETSERIAL' },
    IFD3: GPS,
  }

  test('is in none of the files that are made, but for the moment it was taken', async () => {
    const bytes = await corners(1000, 800).jpeg().withExif(exif).toBuffer()
    const withXmp = await sharp(bytes)
      .keepMetadata()
      .withXmp('<?xpacket?><x:xmpmeta xmlns:x="adobe:ns:meta/">SECRETXMP</x:xmpmeta>')
      .toBuffer()
    expect(withXmp.includes('SECRETCAMERA') && withXmp.includes('SECRETXMP')).toBe(true)
    const picture = put(withXmp)
    expect((await client.ingest(picture)).takenAt).toBe(Date.UTC(2024, 4, 6, 5, 8, 9))
    await client.background(picture)
    for (const name of ['full.webp', 'full.avif', 'teaser.jpg'] as const) await client.variantOnce({ ...picture, name })
    const names = filesOf(picture)
    expect(names).toEqual([...VARIANTS].sort())
    for (const name of names) {
      const made = await readMade(picture, name)
      const facts = await sharp(made).metadata()
      expect([name, facts.exif, facts.xmp, facts.iptc, facts.icc]).toEqual([
        name,
        undefined,
        undefined,
        undefined,
        undefined,
      ])
      for (const word of ['SECRET', 'Exif\0\0', 'GPSL', 'xmpmeta']) expect(made.includes(word)).toBe(false)
    }
  }, 60_000)

  for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8])
    test(`orientation ${orientation} is made upright`, async () => {
      const picture = put(await toTurned(orientation).then((it) => it.withMetadata({ orientation }).jpeg().toBuffer()))
      expect(await client.ingest(picture)).toMatchObject({ width: 600, height: 400 })
      await client.variantOnce({ ...picture, name: 'full.jpg' })
      for (const name of ['thumb.jpg', 'small.jpg', 'small.webp', 'large.jpg', 'full.jpg']) {
        const seen = await readCorners(await readMade(picture, name))
        for (const corner of Object.keys(CORNERS) as (keyof typeof CORNERS)[])
          expect([name, corner, distance(seen[corner], CORNERS[corner]) < 12]).toEqual([name, corner, true])
      }
    })

  test('a tail of HTML behind a GIF is in no file', async () => {
    const html = '<script>alert("POLYGLOT")</script>'
    const picture = put(Buffer.concat([movingGif(2, 40), Buffer.from(html)]))
    await client.ingest(picture)
    await client.background(picture)
    expect(filesOf(picture)).toContain('full.webp')
    for (const name of filesOf(picture)) expect((await readMade(picture, name)).includes('POLYGLOT')).toBe(false)
  })

  test('a comment in a GIF that is a web page is in no file', async () => {
    const gif = movingGif(1, 40)
    const comment = Buffer.from('<html><script>POLYGLOT</script>')
    const block = Buffer.concat([Buffer.from([0x21, 0xfe, comment.length]), comment, Buffer.from([0])])
    const picture = put(Buffer.concat([gif.subarray(0, 25), block, gif.subarray(25)]))
    expect((await client.ingest(picture)).mime).toBe('image/gif')
    for (const name of filesOf(picture)) expect((await readMade(picture, name)).includes('POLYGLOT')).toBe(false)
  })
})

describe('colours', () => {
  const shown = async (picture: Picture, name = 'small.jpg') =>
    (await readCorners(await readMade(picture, name))).upperLeft

  test('a JPEG in CMYK is shown in its colours', async () => {
    const bytes = await corners().toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer()
    expect((await sharp(bytes).metadata()).channels).toBe(4)
    const picture = put(bytes)
    expect(await client.ingest(picture)).toMatchObject({ hasAlpha: false })
    const seen = await readCorners(await readMade(picture, 'large.jpg'))
    expect(seen.upperLeft[0]).toBeGreaterThan(150)
    expect(seen.upperLeft[2]).toBeLessThan(90)
    expect(seen.lowerLeft[2]).toBeGreaterThan(seen.lowerLeft[0])
    expect(Math.min(...seen.lowerRight)).toBeGreaterThan(215)
    expect((await sharp(await readMade(picture, 'large.jpg')).metadata()).space).toBe('srgb')
  })

  test('a PNG of 16 bits', async () => {
    const bytes = await corners().toColourspace('rgb16').png().toBuffer()
    expect((await sharp(bytes).metadata()).depth).toBe('ushort')
    const picture = put(bytes)
    await client.ingest(picture)
    expect(distance(await shown(picture), CORNERS.upperLeft)).toBeLessThan(12)
    expect(distance(await shown(picture, 'small.webp'), CORNERS.upperLeft)).toBeLessThan(12)
  })

  test('a grey PNG', async () => {
    const picture = put(await corners().greyscale().png().toBuffer())
    expect((await client.ingest(picture)).placeholder.length).toBeGreaterThan(10)
    const [r, g, b] = await shown(picture)
    expect(Math.abs(r - g) + Math.abs(g - b)).toBeLessThan(6)
  })

  test('the wide colours of a Display P3 picture stay as they are in every size, with their profile', async () => {
    const wide = await corners()
      .withIccProfile('p3')
      .withExif({ IFD0: { Make: 'SECRET' } })
      .jpeg({ quality: 95 })
      .toBuffer()
    const { icc } = await sharp(wide).metadata()
    if (!icc) throw new Error('the upload has a profile')
    // As it stands in the file, without its profile, the red is another one.
    const plain = await sharp(wide, { ignoreIcc: true }).raw().toBuffer()
    expect(distance([...plain.subarray(0, 3)] as [number, number, number], CORNERS.upperLeft)).toBeGreaterThan(12)
    const picture = put(wide)
    await client.ingest(picture)
    await client.background(picture)
    for (const name of ['full.webp', 'full.avif', 'teaser.jpg'] as const) await client.variantOnce({ ...picture, name })
    expect(filesOf(picture)).toEqual([...VARIANTS].sort())
    for (const name of filesOf(picture)) {
      const made = await readMade(picture, name)
      const facts = await sharp(made).metadata()
      expect([name, facts.icc?.equals(icc), facts.exif, made.includes('SECRET')]).toEqual([
        name,
        true,
        undefined,
        false,
      ])
      if (name !== 'teaser.jpg') expect(distance(await shown(picture, name), CORNERS.upperLeft)).toBeLessThan(10)
    }
  })

  test('a profile of the colours of the web, of grey, or a broken one is in no file', async () => {
    const profiled = (profile: Uint8Array) =>
      // A JPEG has its profile behind its first two bytes (ICC.1:2022, B.4).
      corners(300, 200)
        .jpeg({ quality: 95 })
        .toBuffer()
        .then((jpeg) => {
          const head = Buffer.from('\xff\xe2\0\0ICC_PROFILE\0\x01\x01', 'latin1')
          head.writeUInt16BE(head.length - 2 + profile.length, 2)
          return Buffer.concat([jpeg.subarray(0, 2), head, profile, jpeg.subarray(2)])
        })
    const web = (await sharp(await corners().withIccProfile('srgb').jpeg().toBuffer()).metadata()).icc
    const p3 = (await sharp(await corners().withIccProfile('p3').jpeg().toBuffer()).metadata()).icc
    if (!web || !p3) throw new Error('sharp has these profiles')
    const grey = Buffer.from(p3)
    grey.write('GRAY', 16)
    for (const profile of [web, grey, p3.subarray(0, 100), Buffer.concat([p3, Buffer.alloc(20_000)])]) {
      const picture = put(await profiled(profile))
      await client.ingest(picture)
      for (const name of filesOf(picture))
        expect((await sharp(await readMade(picture, name)).metadata()).icc).toBeUndefined()
    }
    // Damaged past its header: it goes along, and no program that shows the picture is worse off than before.
    const damaged = Buffer.from(p3).fill(0xff, 200)
    await client.ingest(put(await profiled(damaged)))
  })

  test('what shows through is white in JPEG and stays so in WebP and AVIF', async () => {
    const hole = sharp({
      create: { width: 500, height: 500, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0 } },
    })
    const picture = put(await hole.png().toBuffer())
    expect(await client.ingest(picture)).toMatchObject({ hasAlpha: true })
    await client.background(picture)
    expect(filesOf(picture)).not.toContain('full.jpg')
    for (const name of ['thumb.jpg', 'small.jpg', 'large.jpg'])
      expect(distance(await shown(picture, name), [255, 255, 255])).toBeLessThan(4)
    for (const name of ['small.webp', 'large.webp', 'thumb.webp', 'full.webp', 'small.avif']) {
      const { data, info } = await sharp(await readMade(picture, name))
        .raw()
        .toBuffer({ resolveWithObject: true })
      expect([name, info.channels, data[3]]).toEqual([name, 4, 0])
    }
  })
})

describe('pictures that move', () => {
  const moving = async (format: 'gif' | 'webp') => {
    if (format === 'gif') return movingGif(5, 500)
    return sharp(movingGif(5, 500), { animated: true }).webp().toBuffer()
  }
  for (const format of ['gif', 'webp'] as const)
    test(`a ${format} moves in WebP and stands still in JPEG`, async () => {
      const picture = put(await moving(format))
      expect(await client.ingest(picture)).toMatchObject({
        frames: 5,
        mime: `image/${format}`,
        width: 500,
        height: 500,
      })
      await client.background(picture)
      expect(await sizeOf(picture, 'small.webp')).toMatchObject({ pages: 5, width: 400 })
      for (const name of ['thumb.webp', 'large.webp', 'full.webp'])
        expect(await sizeOf(picture, name)).toMatchObject({ pages: 5 })
      for (const name of ['thumb.jpg', 'small.jpg', 'large.jpg'])
        expect(await sizeOf(picture, name)).toMatchObject({ pages: 1 })
      expect(filesOf(picture).filter((name) => name.endsWith('.avif'))).toEqual([])
      // The third frame has another colour than the first.
      const frame = async (page: number) =>
        [
          ...(
            await sharp(await readMade(picture, 'small.webp'), { page })
              .removeAlpha()
              .raw()
              .toBuffer()
          ).subarray(0, 3),
        ] as [number, number, number]
      expect(distance(await frame(0), await frame(2))).toBeGreaterThan(100)
    })

  test('an AVIF of it can be had, and is its first frame', async () => {
    const picture = put(await moving('gif'))
    await client.variantOnce({ ...picture, name: 'small.avif' })
    expect((await readMade(picture, 'small.avif')).subarray(8, 12).toString()).toBe('avif')
  })
})

test('a full size in AVIF is made up to 16 megapixels', async () => {
  const picture = put(flatPng(5_000, 4_000))
  expect(await refusalOf(client.variantOnce({ ...picture, name: 'full.avif' }))).toBe('image.pixels')
})

test('the files are for the server alone and nothing half made lies beside them', async () => {
  const picture = put(await corners().jpeg().toBuffer())
  await client.ingest(picture)
  expect(readdirSync(picture.outDir).filter((name) => name.startsWith('.'))).toEqual([])
  expect(statSync(join(picture.outDir, 'thumb.jpg')).mode & 0o777).toBe(0o600)
  expect((await readFile(picture.sourcePath)).length).toBeGreaterThan(0)
})

/** A plain Windows bitmap: rows from below, blue before red. */
function toBmp24(rgb: Buffer, width: number, height: number): Buffer {
  const rowBytes = Math.ceil((width * 3) / 4) * 4
  const bytes = Buffer.alloc(54 + rowBytes * height)
  bytes.write('BM', 'latin1')
  bytes.writeUInt32LE(54, 10)
  bytes.writeUInt32LE(40, 14)
  bytes.writeInt32LE(width, 18)
  bytes.writeInt32LE(height, 22)
  bytes.writeUInt16LE(24, 28)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++)
        bytes[54 + (height - 1 - y) * rowBytes + 3 * x + 2 - c] = rgb[(y * width + x) * 3 + c] as number
  return bytes
}

function cut(bytes: Buffer, part: number): Buffer {
  return bytes.subarray(0, Math.floor(bytes.length * part))
}

/** The corners as a camera with this orientation stores them: turned so that the tag undoes it. */
async function toTurned(orientation: number): Promise<Sharp> {
  const upright = corners(600, 400)
  const mirrored = async (degrees: number) => sharp(await upright.rotate(degrees).png().toBuffer()).flop()
  switch (orientation) {
    case 2:
      return upright.flop()
    case 3:
      return upright.rotate(180)
    case 4:
      return upright.flip()
    case 5:
      return mirrored(90)
    case 6:
      return upright.rotate(270)
    case 7:
      return mirrored(270)
    case 8:
      return upright.rotate(90)
    default:
      return upright
  }
}
