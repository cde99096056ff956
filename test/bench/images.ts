/**
 * What it costs to take a picture in, as ratios to one bare call of sharp in this process: machines differ, ratios hardly do.
 *
 *   bun run bench:images [rounds]     default 25; ends with 1 where a bound is missed
 *
 * Each round measures everything once, in turn, so that a busy machine is busy for all; the best of each counts.
 */
import { readFileSync } from 'node:fs'
import sharp from 'sharp'
import { createPillow } from './images-pillow.ts'
import { openImaging } from '../support/imaging.ts'
import { photo } from '../support/pictures.ts'

const rounds = Number(process.argv[2] ?? 25)
type Measured = { name: string; run(): Promise<unknown>; bestMs: number }
type Bound = { what: string; of: string; by: string; most?: number; least?: number }

const BARE = 'sharp, bare: 400 pixels, JPEG'
const [width, height] = [4_000, 3_000]
const jpeg = await photo(width, height, 92)
await using stage = openImaging()
const picture = stage.put(jpeg)
const png = stage.put(await sharp(jpeg).resize(2_000).png({ compressionLevel: 6 }).toBuffer())
const webp = stage.put(await sharp(jpeg).resize(2_000).webp({ quality: 85, effort: 2 }).toBuffer())
sharp.concurrency(1)
sharp.cache(false)

const bare = () => sharp(picture.sourcePath).resize(400, 400, { fit: 'inside' }).jpeg({ quality: 80 }).toBuffer()
/** As the server makes one: through its thread and its child, to a file that is on the disk. */
const thumbnail = (of: typeof picture) => () => stage.client.variantOnce({ ...of, name: 'small.jpg' })
const pillow = await createPillow()
const ours = (type: string) => `Weir: ${type} to 400 pixels`
const measured: Measured[] = [
  { name: BARE, run: bare, bestMs: Infinity },
  { name: 'gallery-ready', run: () => stage.client.ingest(picture), bestMs: Infinity },
  { name: ours('JPEG'), run: thumbnail(picture), bestMs: Infinity },
]
const bounds: Bound[] = [
  { what: 'gallery-ready', of: 'gallery-ready', by: BARE, most: 2.5 },
  { what: '400 pixels, JPEG', of: ours('JPEG'), by: BARE, most: 1.15 },
]
if (pillow) {
  measured.push(
    { name: ours('PNG'), run: thumbnail(png), bestMs: Infinity },
    { name: ours('WebP'), run: thumbnail(webp), bestMs: Infinity },
  )
  const sources = { JPEG: [picture, 0.95], PNG: [png, 1.3], WebP: [webp, 1.3] } as const
  for (const [type, [source, least]] of Object.entries(sources)) {
    const theirs = `Pillow: ${type} to 400 pixels`
    measured.push({ name: theirs, run: () => pillow.thumbnail(source.sourcePath), bestMs: Infinity })
    bounds.push({ what: `Pillow over Weir, ${type}`, of: theirs, by: ours(type), least })
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
