import { describe, expect, test } from 'bun:test'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../src/lib/clock.ts'
import { createCanonicalWriter } from '../../src/media/program/canonical.ts'
import { createSilenceMaker } from '../../src/media/program/fill/silence.ts'
import { createSlateMaker } from '../../src/media/program/fill/slate.ts'
import type { Slate } from '../../src/media/program/fill/stand-in.ts'
import type { InputSpec } from '../../src/media/specs.ts'
import type { AudioFormat, AudioUnit, Format, VideoCodec } from '../../src/media/program/units.ts'
import { tempDir } from '../support/temp.ts'
import { decodeErrors } from '../support/ts-fixture.ts'
import { within } from '../support/waiting.ts'

/** What is made in advance to stand in for a feed, by the real FFmpeg. */
function deps() {
  const pids = new Set<number>()
  const notes: string[] = []
  return {
    pids,
    notes,
    config: {
      index: 1,
      epoch: 1,
      instance: 'test-fill',
      ffmpegPath: 'ffmpeg',
      ringMaxBytes: 0,
      caFile: null,
      denyPrivate: false,
      runDir: '/nowhere',
    },
    clock: systemClock,
    gate: async () => undefined,
    emit(name: string, data: unknown) {
      if (name === 'child.spawned') pids.add((data as { pid: number }).pid)
      if (name === 'child.reaped') pids.delete((data as { pid: number }).pid)
    },
    note: (_level: string, text: string) => notes.push(text),
  }
}

const feed = (codec: VideoCodec, width: number, height: number, fps: number): Format => ({
  video: { codec, profile: null, width, height, fps },
  audio: null,
})

/** Makes slates one after the other; each call waits for the next one that is ready. */
function openMaker() {
  const all = deps()
  let heard = Promise.withResolvers<Slate>()
  const maker = createSlateMaker({ ...all, ready: (slate) => slate && heard.resolve(slate) })
  return {
    ...all,
    maker,
    make(slate: InputSpec['slate'], format: Format | null): Promise<Slate> {
      heard = Promise.withResolvers()
      maker.want(slate, format)
      return within(60_000, 'the slate', heard.promise)
    },
  }
}

/** As it would go out, twice round. */
function decode({ pictures, ticks, format }: Slate): string {
  const writer = createCanonicalWriter({ video: format.video, audio: null })
  for (const [i, picture] of [...pictures, ...pictures].entries()) {
    const at = 180_000 + Math.round(i * ticks)
    writer.write({ ...picture, pts: at, dts: at })
  }
  return decodeErrors(writer.take() as Uint8Array)
}

const CARD = { file: null, text: "Back soon: 100 % 'sure'\nÄrger, \\ and %{pts}", before: false }

describe('slate', () => {
  test.each<[VideoCodec, number, number, number]>([
    ['h264', 1280, 720, 25],
    ['h264', 854, 480, 29.97],
    ['hevc', 640, 360, 25],
    ['mpeg2video', 720, 576, 25],
  ])('%s %dx%d at %d: two seconds that begin with their only keyframe', async (codec, width, height, fps) => {
    const { maker, make, pids, notes } = openMaker()
    const slate = await make(CARD, feed(codec, width, height, fps))
    expect(maker.isReady).toBe(true)
    expect(slate.format.video).toMatchObject({ codec, width, height })
    expect(slate.pictures).toHaveLength(Math.round(2 * fps))
    expect(slate.pictures.map(({ key }) => key).indexOf(true, 1)).toBe(-1)
    expect(slate.pictures[0]?.key).toBe(true)
    expect(decode(slate)).toBe('')
    expect(notes).toEqual([expect.stringContaining('the slate is ready')])
    await maker.close()
    expect(pids.size).toBe(0)
  })

  test('shows a picture whatever its file is called, and a card where it is none', async () => {
    const { maker, make, notes } = openMaker()
    const dir = tempDir('slate')
    const file = join(dir, 'picture without an ending')
    const args = [
      '-v',
      'error',
      '-f',
      'lavfi',
      '-i',
      'color=gray:s=333x777,noise=alls=80:all_seed=1',
      '-frames:v',
      '1',
      '-c:v',
      'mjpeg',
    ]
    Bun.spawnSync(['ffmpeg', ...args, '-f', 'image2pipe', file])
    const shape = feed('h264', 640, 360, 25)
    const picture = await make({ ...CARD, file }, shape)
    const card = await make(CARD, shape)
    expect(decode(picture)).toBe('')
    const sizeOf = (slate: Slate) => slate.pictures[0]?.data.length ?? 0
    expect(sizeOf(picture)).toBeGreaterThan(1.5 * sizeOf(card))
    await Bun.write(file, 'this is no picture')
    const instead = await make({ ...CARD, file, text: 'other' }, shape)
    expect(sizeOf(instead)).toBeLessThan(1.5 * sizeOf(card))
    expect(notes.at(-2)).toStartWith('the slate could not be made with its picture:')
    rmSync(dir, { recursive: true })
    await maker.close()
  })

  test('is made once, again when the feed changes, and forgotten when none is wanted', async () => {
    const { maker, make, notes } = openMaker()
    await make(CARD, null)
    maker.want({ ...CARD }, null)
    expect(maker.isReady).toBe(true)
    const second = await make(CARD, feed('h264', 320, 180, 10))
    expect(second.ticks).toBe(9000)
    maker.want(null, feed('h264', 320, 180, 10))
    expect(maker.isReady).toBeNull()
    expect(notes).toHaveLength(2)
    await maker.close()
  })
})

describe('silence', () => {
  const sound = (codec: AudioFormat['codec'], sampleRate: number, channels: number): AudioFormat => ({
    codec,
    sampleRate,
    channels,
    objectType: codec === 'aac' ? 2 : null,
  })

  test.each<[string, AudioFormat, number]>([
    ['AAC of six channels', sound('aac', 48000, 6), 1920],
    ['MPEG audio', sound('mp2', 48000, 2), 2160],
    ['AC-3', sound('ac3', 48000, 6), 2880],
    ['E-AC-3', sound('eac3', 48000, 2), 2880],
    ['MPEG audio at 44.1 kHz', sound('mp2', 44100, 1), 2351],
  ])('%s: one frame that can be repeated', async (_what, audio, ticks) => {
    const all = deps()
    const { promise, resolve } = Promise.withResolvers<AudioUnit>()
    const maker = createSilenceMaker({ ...all, ready: resolve })
    maker.want(audio)
    const frame = await within(60_000, 'the silence', promise)
    expect(frame).toMatchObject({ codec: audio.codec, sampleRate: audio.sampleRate, channels: audio.channels })
    expect(Math.abs(frame.durationTicks - ticks)).toBeLessThanOrEqual(1)
    const writer = createCanonicalWriter({ video: null, audio })
    for (let i = 0; i < 100; i++) writer.write({ ...frame, pts: 180_000 + i * frame.durationTicks })
    expect(decodeErrors(writer.take() as Uint8Array)).toBe('')
    await maker.close()
    expect(all.pids.size).toBe(0)
    expect(all.notes).toEqual([])
  })

  test('is not made where a constant will do, or none can be', async () => {
    const all = deps()
    const maker = createSilenceMaker({ ...all, ready: () => all.notes.push('made') })
    for (const audio of [null, sound('aac', 48000, 2), sound('aac', 44100, 1), sound('aac_latm', 48000, 2)])
      maker.want(audio)
    await maker.close()
    expect(all.notes).toEqual([])
  })
})
