/**
 * What it costs to take a picture in, as ratios to one bare call of sharp in this process: machines differ, ratios hardly do.
 *
 *   bun run bench:images [rounds]     default 15; ends with 1 where a bound is missed
 *
 * Each round measures everything once, in turn, so that a busy machine is busy for all; the best of each counts.
 */
import { readFileSync } from 'node:fs'
import sharp from 'sharp'
import { createPillow } from './images-pillow.ts'
import { openImaging } from '../support/imaging.ts'
import { photo } from '../support/pictures.ts'

const rounds = Number(process.argv[2] ?? 15)
type Measured = { name: string; run(): Promise<unknown>; bestMs: number }
type Bound = { what: string; of: string; by: string; most?: number; least?: number }

const [width, height] = [4_000, 3_000]
const jpeg = await photo(width, height, 92)
await using stage = openImaging()
const picture = stage.put(jpeg)
const png = stage.put(await sharp(jpeg).resize(2_000).png({ compressionLevel: 6 }).toBuffer())
const webp = stage.put(await sharp(jpeg).resize(2_000).webp({ quality: 85, effort: 2 }).toBuffer())
sharp.concurrency(1)
sharp.cache(false)

const bare = (path: string) => sharp(path).resize(400, 400, { fit: 'inside' }).jpeg({ quality: 80 }).toBuffer()
const pillow = await createPillow()
const measured: Measured[] = [
  { name: 'sharp, bare: 400 pixels, JPEG', run: () => bare(picture.sourcePath), bestMs: Infinity },
  { name: 'gallery-ready', run: () => stage.client.ingest(picture), bestMs: Infinity },
  {
    name: '400 pixels, JPEG',
    run: () => stage.client.variantOnce({ ...picture, name: 'small.jpg' }),
    bestMs: Infinity,
  },
]
const bounds: Bound[] = [
  { what: 'gallery-ready', of: 'gallery-ready', by: 'sharp, bare: 400 pixels, JPEG', most: 2.5 },
  { what: '400 pixels, JPEG', of: '400 pixels, JPEG', by: 'sharp, bare: 400 pixels, JPEG', most: 1.15 },
]
if (pillow) {
  const sources = { JPEG: [picture, 0.95], PNG: [png, 1.3], WebP: [webp, 1.3] } as const
  for (const [type, [source, least]] of Object.entries(sources)) {
    const [ours, theirs] = [`sharp: ${type} to 400 pixels`, `Pillow: ${type} to 400 pixels`]
    measured.push({ name: ours, run: () => bare(source.sourcePath), bestMs: Infinity })
    measured.push({ name: theirs, run: () => pillow.thumbnail(source.sourcePath), bestMs: Infinity })
    bounds.push({ what: `Pillow over sharp, ${type}`, of: theirs, by: ours, least })
  }
}

// The first round warms the child and the disk.
for (let round = 0; round <= rounds; round++)
  for (const it of measured) {
    const from = performance.now()
    await it.run()
    if (round > 0) it.bestMs = Math.min(it.bestMs, performance.now() - from)
  }
await pillow?.close()

const bestOf = (name: string) => measured.find((it) => it.name === name)?.bestMs ?? Number.NaN
console.log(`${width} x ${height}, ${(readFileSync(picture.sourcePath).length / 1e6).toFixed(1)} MB, best of ${rounds}`)
for (const { name, bestMs } of measured) console.log(`${name.padEnd(32)} ${bestMs.toFixed(1).padStart(8)} ms`)
if (!pillow) console.log('Pillow is not here (Debian: python3-pil), so it is not compared.')
let missed = 0
for (const { what, of, by, most, least } of bounds) {
  const ratio = bestOf(of) / bestOf(by)
  const holds = most === undefined ? ratio >= (least ?? 0) : ratio <= most
  if (!holds) missed++
  const bound = most === undefined ? `at least ${least}` : `at most ${most}`
  console.log(`${holds ? 'ok    ' : 'MISSED'} ${what}: ${ratio.toFixed(2)} (${bound})`)
}
process.exitCode = missed > 0 ? 1 : 0
