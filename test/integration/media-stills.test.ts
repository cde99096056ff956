import { afterAll, describe, expect, test } from 'bun:test'
import { systemClock } from '../../src/lib/clock.ts'
import { createTsReader } from '../../src/media/mpegts/reader.ts'
import { createStills } from '../../src/media/input/stills.ts'
import type { VideoFormat, VideoUnit } from '../../src/media/program/units.ts'

/** Real feeds through a real FFmpeg tap; colours tell which of the feed's pictures a still shows. */
const COLOURS = ['red', 'lime', 'blue', 'white'] as const

type Feed = { name: string; args: string[]; size?: string }
const FEEDS: Feed[] = [
  { name: 'H.264 without B-frames', args: ['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '0'] },
  {
    name: 'H.264 with B-frames',
    args: ['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '3', '-x264-params', 'b-pyramid=normal'],
  },
  {
    name: 'interlaced H.264',
    args: ['-c:v', 'libx264', '-preset', 'ultrafast', '-flags', '+ildct+ilme', '-x264-params', 'tff=1'],
  },
  { name: 'HEVC', args: ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none:bframes=3'] },
  {
    name: '10-bit HEVC',
    args: ['-c:v', 'libx265', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p10le', '-x265-params', 'log-level=none'],
  },
  { name: 'MPEG-2', args: ['-c:v', 'mpeg2video', '-bf', '2', '-b:v', '4M'] },
]

/** Eight seconds, another colour every two, a keyframe at each change. */
function makeFeed(feed: Feed, extra = ''): { units: VideoUnit[]; format: VideoFormat } {
  const colours = COLOURS.map((name) => `color=${name}:s=${feed.size ?? '640x360'}:r=25:d=2`)
  const inputs = colours.flatMap((colour) => ['-f', 'lavfi', '-i', colour])
  const made = Bun.spawnSync([
    'ffmpeg',
    '-v',
    'error',
    ...inputs,
    '-filter_complex',
    `concat=n=4:v=1${extra}`,
    '-pix_fmt',
    'yuv420p',
    ...feed.args,
    '-g',
    '50',
    '-sc_threshold',
    '0',
    '-f',
    'mpegts',
    'pipe:1',
  ])
  expect(made.stderr.toString()).toBe('')
  const units: VideoUnit[] = []
  let format: VideoFormat | null = null
  const reader = createTsReader({
    program: null,
    onUnit: (unit) => unit.kind === 'video' && units.push(unit),
    onFormat: (each) => {
      format = each.video
    },
  })
  reader.push(made.stdout, 0)
  return { units, format: format as unknown as VideoFormat }
}

const colourAt = (unit: VideoUnit, units: VideoUnit[]) =>
  COLOURS[Math.floor((unit.pts - (units[0]?.pts ?? 0)) / 180_000)] as string

const open = new Set<ReturnType<typeof createStills>>()
afterAll(async () => {
  await Promise.all([...open].map((each) => each.close()))
})

function openStills(format: VideoFormat, isComing = false) {
  const changes: number[] = []
  const waiting = new Set<() => void>()
  const pids = new Set<number>()
  const notes: string[] = []
  let wallMs = 1_700_000_000_000
  const it = createStills({
    config: {
      index: 1,
      epoch: 1,
      instance: crypto.randomUUID(),
      ffmpegPath: 'ffmpeg',
      ringMaxBytes: 1,
      caFile: null,
      denyPrivate: false,
      runDir: '/nowhere',
    },
    // Each picture has a time of its own.
    clock: { ...systemClock, wall: () => wallMs++ },
    gate: async () => undefined,
    emit(name, data) {
      if (name === 'child.spawned') pids.add((data as { pid: number }).pid)
      if (name === 'child.reaped') pids.delete((data as { pid: number }).pid)
    },
    isComing: () => isComing,
    fps: () => format.fps,
    changed(at) {
      changes.push(at)
      for (const check of waiting) check()
    },
    note: (_, text) => notes.push(text),
  })
  open.add(it)
  const change = (count: number) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (changes.length < count) return
        waiting.delete(check)
        resolve()
      }
      waiting.add(check)
      check()
    })
  return { it, change, pids, notes }
}

/** A look waits 1.5 s; on a crowded machine FFmpeg may need longer to come up. */
async function firstLook(it: ReturnType<typeof createStills>, width: number) {
  for (let tries = 0; tries < 8; tries++) {
    const still = await it.look(width)
    if (still) return still
  }
  return null
}

/** The mean colour of a JPEG, as the nearest of the feed's. */
function colourOf(jpeg: Uint8Array): { colour: string; size: string } {
  const raw = Bun.spawnSync(
    ['ffmpeg', '-v', 'error', '-i', 'pipe:0', '-vf', 'scale=1:1', '-pix_fmt', 'rgb24', '-f', 'rawvideo', 'pipe:1'],
    { stdin: jpeg },
  )
  const [r = 0, g = 0, b = 0] = raw.stdout
  const bright = [r > 128, g > 128, b > 128].map(Number).join('')
  const probe = Bun.spawnSync(
    ['ffprobe', '-v', 'error', '-show_entries', 'stream=width,height', '-of', 'csv=p=0:s=x', '-i', 'pipe:0'],
    { stdin: jpeg },
  )
  const names: Record<string, string> = { '100': 'red', '010': 'lime', '001': 'blue', '111': 'white' }
  return { colour: names[bright] ?? bright, size: probe.stdout.toString().trim() }
}

describe('live stills', () => {
  test.each(FEEDS)(
    '$name: each keyframe is seen as soon as it is there',
    async (feed) => {
      const { units, format } = makeFeed(feed)
      const { it, change, notes } = openStills(format)
      const gops: VideoUnit[][] = []
      let last = 'red'
      for (const unit of units) {
        if (unit.key) gops.push([])
        gops.at(-1)?.push(unit)
      }
      for (const unit of gops[0] ?? []) it.picture(unit)
      const first = await firstLook(it, 320)
      expect(first && colourOf(first.jpeg)).toEqual({ colour: 'red', size: '320x180' })
      for (const [i, gop] of gops.slice(1).entries()) {
        last = colourAt(gop[0] as VideoUnit, units)
        const seen = change(i + 2)
        for (const unit of gop) it.picture(unit)
        await seen
        const next = await it.look(320)
        expect(next && colourOf(next.jpeg).colour).toBe(last)
      }
      expect(last).toBe('white')
      expect(notes).toEqual([])
    },
    30_000,
  )

  test('narrower ones are made from the widest asked for, nothing is enlarged, anamorphic pictures get their shape', async () => {
    const { units, format } = makeFeed(
      { name: 'anamorphic', size: '720x576', args: ['-c:v', 'libx264', '-preset', 'ultrafast'] },
      ',setsar=64/45',
    )
    const { it } = openStills(format)
    for (const unit of units) it.picture(unit)
    const wide = await firstLook(it, 1920)
    expect(wide && colourOf(wide.jpeg).size).toBe('1024x576')
    const small = await it.look(160)
    expect(small && colourOf(small.jpeg).size).toBe('160x90')
  }, 30_000)

  test('nothing runs before the first look, nor once nobody looks', async () => {
    const { units, format } = makeFeed({ name: '', args: ['-c:v', 'libx264', '-preset', 'ultrafast'] })
    const { it, pids } = openStills(format)
    for (const unit of units) it.picture(unit)
    expect(pids.size).toBe(0)
    expect(await firstLook(it, 320)).not.toBeNull()
    expect(pids.size).toBe(1)
    it.tick(systemClock.now() + 20_000)
    await it.close()
    expect(pids.size).toBe(0)
  }, 30_000)

  test('a look before the first keyframe waits for it', async () => {
    const { units, format } = makeFeed({ name: '', args: ['-c:v', 'libx264', '-preset', 'ultrafast'] })
    const { it } = openStills(format, true)
    const early = it.look(320)
    for (const unit of units) it.picture(unit)
    expect((await early) ?? (await firstLook(it, 320))).not.toBeNull()
  }, 30_000)

  test('a picture that never changes is still made anew with each keyframe', async () => {
    const { units, format } = makeFeed({ name: '', args: ['-c:v', 'libx264', '-preset', 'ultrafast'] })
    const { it, change } = openStills(format)
    const slide = units.slice(0, 2)
    for (const unit of slide) it.picture(unit)
    const first = await firstLook(it, 320)
    const seen = change(2)
    for (const unit of slide) it.picture(unit)
    await seen
    const second = await it.look(320)
    expect(second?.jpeg).toEqual(first?.jpeg as Uint8Array)
    expect(second?.at).toBeGreaterThan(first?.at ?? 0)
  }, 30_000)

  test('a feed without a picture has none', async () => {
    const { it } = openStills({ codec: 'h264', profile: null, width: null, height: null, fps: null })
    expect(await it.look(320)).toBeNull()
  })
})
