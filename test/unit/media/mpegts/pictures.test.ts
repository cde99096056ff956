import { describe, expect, test } from 'bun:test'
import { createBitReader } from '../../../../src/media/mpegts/bits.ts'
import { createH264Parser, parseH264Sequence } from '../../../../src/media/mpegts/h264.ts'
import { createHevcParser, parseHevcSequence } from '../../../../src/media/mpegts/hevc.ts'
import { createMpeg2Parser, parseMpeg2Sequence } from '../../../../src/media/mpegts/mpeg2.ts'

/** The first picture of an elementary stream made by FFmpeg, in the form that encoders really send. */
function encode(size: string, rate: string, args: string[]): Uint8Array {
  const source = ['-f', 'lavfi', '-i', `testsrc=size=${size}:rate=${rate}`, '-frames:v', '1']
  const made = Bun.spawnSync(['ffmpeg', '-v', 'error', ...source, ...args, '-'])
  if (made.exitCode !== 0) throw new Error(made.stderr.toString())
  return made.stdout
}

const x264 = (pixels: string, ...more: string[]) => [
  '-c:v',
  'libx264',
  '-preset',
  'ultrafast',
  '-pix_fmt',
  pixels,
  ...more,
  '-f',
  'h264',
]
const x265 = (pixels: string, params = '') => [
  '-c:v',
  'libx265',
  '-preset',
  'ultrafast',
  '-pix_fmt',
  pixels,
  '-x265-params',
  `log-level=none${params}`,
  '-f',
  'hevc',
]

describe('size, profile and rate as the encoder was told', () => {
  test.each<[string, string, string[], object]>([
    ['1920x1080', '50', x264('yuv420p', '-profile:v', 'main', '-coder', 'ac'), { profile: 'Main', fps: 50 }],
    ['1920x1080', '25', x264('yuv420p', '-flags', '+ildct', '-x264-params', 'interlaced=1'), { fps: 25 }],
    [
      '854x480',
      '30000/1001',
      x264('yuv420p', '-profile:v', 'baseline'),
      { profile: 'Constrained Baseline', fps: 29.97 },
    ],
    ['638x358', '24', x264('yuv422p'), { profile: 'High 4:2:2', fps: 24 }],
    ['637x357', '24', x264('yuv444p'), { profile: 'High 4:4:4 Predictive', fps: 24 }],
    ['640x360', '60', x264('yuv420p10le'), { profile: 'High 10', fps: 60 }],
    ['1280x720', '25', x264('yuv420p', '-x264-params', 'cqm=jvt:8x8dct=1'), { profile: 'High', fps: 25 }],
  ])('H.264 %s at %s', (size, rate, args, more) => {
    const parser = createH264Parser()
    const stream = encode(size, rate, args)
    expect(parser.parse(stream, false).key).toBe(true)
    const [width, height] = size.split('x').map(Number)
    expect(parser.format()).toMatchObject({ codec: 'h264', width, height, ...more })
  })

  test.each<[string, string[], string]>([
    ['1920x1080', x265('yuv420p'), 'Main'],
    ['1280x720', x265('yuv420p10le'), 'Main 10'],
    ['638x358', x265('yuv422p10le'), 'Rext'],
    ['640x360', x265('yuv420p', ':temporal-layers=1'), 'Main'],
  ])('HEVC %s', (size, args, profile) => {
    const parser = createHevcParser()
    expect(parser.parse(encode(size, '25', args), false).key).toBe(true)
    const [width, height] = size.split('x').map(Number)
    expect(parser.format()).toEqual({
      codec: 'hevc',
      profile,
      width: width as number,
      height: height as number,
      fps: null,
    })
  })

  test.each([
    ['720x576', '25', ['-pix_fmt', 'yuv420p'], 'Main', 25],
    ['1920x1088', '30000/1001', ['-pix_fmt', 'yuv422p'], '4:2:2', 29.97],
  ] as const)('MPEG-2 %s', (size, rate, args, profile, fps) => {
    const parser = createMpeg2Parser()
    const stream = encode(size, rate, ['-c:v', 'mpeg2video', ...args, '-f', 'mpeg2video'])
    expect(parser.parse(stream, false)).toEqual({ key: true, data: stream })
    const [width, height] = size.split('x').map(Number)
    expect(parser.format()).toEqual({
      codec: 'mpeg2video',
      profile,
      width: width as number,
      height: height as number,
      fps,
    })
  })
})

describe('parameter sets cut short', () => {
  test('are no size, and never an error', () => {
    const sps = Uint8Array.from([0x67, 0x64, 0x00, 0x1f, 0xac, 0xd9, 0x40, 0x50, 0x05, 0xbb])
    expect(parseH264Sequence(sps)).toMatchObject({ width: 1280, height: 720 })
    for (let size = 0; size < 8; size++) expect(parseH264Sequence(sps.subarray(0, size))).toBeNull()
    for (let size = 0; size < 12; size++) expect(parseHevcSequence(new Uint8Array(size))).toBeNull()
    for (let size = 0; size < 12; size++) expect(parseMpeg2Sequence(new Uint8Array(size))).toBeNull()
  })
})

describe('pictures to start at', () => {
  const nal = (...bytes: number[]) => [0, 0, 1, ...bytes]
  const SPS = nal(0x67, 0x64, 0x00, 0x1f, 0xac, 0xd9, 0x40, 0x50, 0x05, 0xbb)
  const PPS = nal(0x68, 0xeb, 0xec, 0xb2, 0x2c)
  const AUD = [0, ...nal(0x09, 0xf0)]
  /** first_mb 0, slice type as Exp-Golomb: 7 is 0001000, 5 is 00110. */
  const I_SLICE = nal(0x41, 0b1000_1000, 0x12, 0x34)
  const P_SLICE = nal(0x41, 0b1001_1000, 0x12, 0x34)
  const RECOVERY = nal(0x06, 0x06, 0x01, 0x84, 0x80)
  const parse = (bytes: number[], randomAccess: boolean) => {
    const parser = createH264Parser()
    parser.parse(Uint8Array.from([...AUD, ...SPS, ...PPS, ...nal(0x65, 0x88, 0x80)]), true)
    return parser.parse(Uint8Array.from(bytes), randomAccess)
  }

  test.each<[string, number[], boolean, boolean]>([
    ['an I picture with its sequence set', [...AUD, ...SPS, ...PPS, ...I_SLICE], false, true],
    ['an I picture marked for random access', [...AUD, ...I_SLICE], true, true],
    ['an I picture not marked', [...AUD, ...I_SLICE], false, false],
    ['a P picture wrongly marked', [...AUD, ...P_SLICE], true, false],
    [
      'a recovery point with its sequence set (intra refresh)',
      [...AUD, ...SPS, ...PPS, ...RECOVERY, ...P_SLICE],
      false,
      true,
    ],
    ['parameter sets without a picture', [...AUD, ...SPS, ...PPS], true, false],
  ])('H.264: %s', (_what, bytes, randomAccess, key) => {
    expect(parse(bytes, randomAccess).key).toBe(key)
  })

  test('H.264: kept sets go behind the delimiter, the rest stays as it is', () => {
    const { data } = parse([...AUD, ...I_SLICE], true)
    expect([...data]).toEqual([...AUD, 0, ...SPS, 0, ...PPS, ...I_SLICE])
  })

  test('HEVC: a picture without a delimiter gets one', () => {
    const slice = nal(0x02, 0x01, 0x80)
    const { data, key } = createHevcParser().parse(Uint8Array.from(slice), false)
    expect([...data]).toEqual([0, ...nal(0x46, 0x01, 0x50), ...slice])
    expect(key).toBe(false)
  })

  test('MPEG-2: a marked picture without a sequence header gets the kept one', () => {
    const parser = createMpeg2Parser()
    const header = nal(0xb3, 0x2d, 0x02, 0x40, 0x33, 0xff, 0xff, 0xe0, 0x18)
    const image = nal(0x00, 0x00, 0x0f, 0xff, 0xf8)
    expect(parser.parse(Uint8Array.from(image), true).key).toBe(false)
    expect(parser.parse(Uint8Array.from([...header, ...image]), false).key).toBe(true)
    expect([...parser.parse(Uint8Array.from(image), true).data]).toEqual([...header, ...image])
    expect(parser.parse(Uint8Array.from(image), false).key).toBe(false)
    expect(parser.format()).toMatchObject({ width: 720, height: 576, fps: 25 })
  })
})

describe('bits', () => {
  test('Exp-Golomb numbers, signed ones too', () => {
    // 1 | 010 | 011 | 00100 | 00101
    const bits = createBitReader(Uint8Array.of(0b1010_0110, 0b0100_0010, 0b1000_0000))
    expect([bits.ue(), bits.ue(), bits.ue(), bits.ue(), bits.ue()]).toEqual([0, 1, 2, 3, 4])
    const signed = createBitReader(Uint8Array.of(0b1010_0110, 0b0100_0010, 0b1000_0000))
    expect([signed.se(), signed.se(), signed.se(), signed.se(), signed.se()].map((n) => n + 0)).toEqual([
      0, 1, -1, 2, -2,
    ])
  })

  test('emulation prevention bytes are no data', () => {
    const bits = createBitReader(Uint8Array.of(0, 0, 3, 1, 0, 0, 3, 0xff))
    expect([bits.u(24), bits.u(16), bits.u(8), bits.overrun()]).toEqual([1, 0, 0xff, false])
    expect([bits.u(8), bits.overrun()]).toEqual([0, true])
  })
})
