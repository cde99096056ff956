import { describe, expect, test } from 'bun:test'
import type { Preflight } from '../../../src/media/actual.ts'
import { type Checked, type CheckResource, peakKbps, toCheck } from '../../../src/outputs/outputs.check.ts'
import { findPreset } from '../../../src/outputs/presets.ts'

const video = { codec: 'h264', profile: 'High', width: 1920, height: 1080, fps: 50 }
const audio = { codec: 'aac', sampleRate: 48_000, channels: 2, objectType: 2 }
const feed = { video, audio, bitrateKbps: 5000, keyframeSeconds: 2 }
const found: Preflight = {
  resolved: { ok: true, words: '192.0.2.1, 192.0.2.2' },
  reached: { ok: true, words: 'It answers.', ms: 20.4 },
  tls: null,
  feed,
  refusal: null,
  uploadKbps: 0,
}

type Change = Partial<Omit<Checked, 'found' | 'options'>> & {
  options?: Partial<Checked['options']>
  found?: Partial<Preflight>
}
const check = (change: Change = {}) =>
  toCheck({
    protocol: 'rtmp',
    host: 'live.example',
    tls: false,
    hasLogin: false,
    staysHere: false,
    preset: findPreset('rtmp'),
    uploadKbps: 12_000,
    ...change,
    options: { video: 'copy', audio: 'auto', ...change.options },
    found: { ...found, ...change.found },
  })
const of = (made: CheckResource, code: string) => {
  const one = made.checks.find((each) => each.code === code)
  if (!one) throw new Error(`no ${code}`)
  return one
}

test('all well: every code once, in order, and the verdict is the worst of them', () => {
  const made = check({ preset: findPreset('twitch') })
  expect(made.checks.map(({ code }) => code)).toEqual([
    'name',
    'reach',
    'tls',
    'video_codec',
    'audio_codec',
    'bitrate',
    'keyframes',
    'upload',
  ])
  expect(made.verdict).toBe('ok')
  expect(check({ preset: findPreset('twitch'), found: { feed: { ...feed, bitrateKbps: 7000 } } }).verdict).toBe(
    'warning',
  )
  expect(check({ found: { resolved: { ok: false, words: 'No such name.' } } }).verdict).toBe('problem')
})

describe('name, connection, encryption', () => {
  test('a wrong name stops the rest of the way from being tried', () => {
    const made = check({
      tls: true,
      found: { resolved: { ok: false, words: 'No such name: live.exmaple.' }, reached: null },
    })
    expect(of(made, 'name')).toMatchObject({ status: 'problem', message: 'No such name: live.exmaple.' })
    expect(of(made, 'reach')).toMatchObject({ status: 'skipped', message: expect.stringContaining('name') })
    expect(of(made, 'tls').status).toBe('skipped')
  })
  test('a login is not tried, and that is said', () => {
    const login = (change: Change) => check(change).checks.filter(({ code }) => code === 'login')
    expect(login({ protocol: 'rtsp', preset: findPreset('rtsp'), hasLogin: true })).toEqual([
      { code: 'login', status: 'skipped', message: expect.stringContaining('are not tried') },
    ])
    expect(login({ protocol: 'rtsp', preset: findPreset('rtsp') })[0]).toMatchObject({ status: 'skipped' })
    expect(login({ hasLogin: true })).toHaveLength(1)
    expect(login({})).toEqual([])
  })
  test('an address needs no name', () => {
    expect(of(check({ host: '192.0.2.1' }), 'name').status).toBe('skipped')
    expect(of(check(), 'name')).toMatchObject({ status: 'ok', message: 'It leads to 192.0.2.1, 192.0.2.2.' })
    expect(of(check(), 'reach').message).toBe('It answers. It took 20 ms.')
  })
  test('what does not answer, and a certificate that is not right', () => {
    const reached = { ok: false, words: 'Nothing listens at port 1936.', ms: null }
    expect(of(check({ found: { reached } }), 'reach')).toEqual({
      code: 'reach',
      status: 'problem',
      message: 'Nothing listens at port 1936.',
    })
    const tls = { ok: false, words: 'The certificate is for another name.' }
    expect(of(check({ tls: true, found: { tls } }), 'tls').status).toBe('problem')
    expect(of(check({ tls: true, found: { tls: { ok: true, words: 'Good.' } } }), 'tls').status).toBe('ok')
  })
  test('a listener calls nobody', () => {
    const made = check({
      protocol: 'srt_listener',
      preset: findPreset('srt_listener'),
      found: { resolved: null, reached: null },
    })
    expect([of(made, 'name'), of(made, 'reach')].map(({ status }) => status)).toEqual(['skipped', 'skipped'])
  })
})

describe('picture and sound', () => {
  const hevc = { feed: { ...feed, video: { ...video, codec: 'hevc' } }, refusal: 'RTMP takes H.264 only.' }
  test('what the protocol does not take is said where it is', () => {
    expect(of(check({ found: hevc }), 'video_codec')).toMatchObject({
      status: 'problem',
      message: 'RTMP takes H.264 only.',
    })
    expect(of(check({ found: hevc }), 'audio_codec').status).toBe('ok')
    const ac3 = { feed: { ...feed, audio: { ...audio, codec: 'ac3' } }, refusal: 'RTMP takes AAC only.' }
    const made = check({ options: { audio: 'copy' }, found: ac3 })
    expect(of(made, 'audio_codec')).toMatchObject({ status: 'problem', message: 'RTMP takes AAC only.' })
    expect(of(made, 'video_codec').status).toBe('ok')
  })
  test('what is made here is said', () => {
    const made = check({ options: { video: '720p' }, found: { ...hevc, refusal: null } })
    expect(of(made, 'video_codec').message).toBe("Weir makes H.264 in 720p of the feed's HEVC.")
    const ac3 = { feed: { ...feed, audio: { ...audio, codec: 'ac3' } } }
    expect(of(check({ found: ac3 }), 'audio_codec').message).toContain("Weir makes AAC of the feed's AC-3")
    expect(of(check({ protocol: 'udp', found: ac3 }), 'audio_codec').message).toBe('AC-3 goes out as it comes.')
    expect(of(check({ protocol: 'rtsp' }), 'audio_codec').message).toContain('Weir makes AAC')
    expect(of(check({ options: { audio: 'aac' } }), 'audio_codec').message).toContain('Weir makes AAC')
  })
  test('platforms ask for sound, other servers do not', () => {
    const silent = { found: { feed: { ...feed, audio: null } } }
    expect(of(check({ ...silent, preset: findPreset('facebook') }), 'audio_codec').status).toBe('warning')
    expect(of(check(silent), 'audio_codec').status).toBe('ok')
    expect(of(check({ options: { audio: 'none' }, preset: findPreset('youtube') }), 'audio_codec').status).toBe(
      'warning',
    )
  })
  test('without a feed nothing is said about it', () => {
    const made = check({ preset: findPreset('twitch'), found: { feed: null } })
    const feedCodes = ['video_codec', 'audio_codec', 'bitrate', 'keyframes']
    expect(feedCodes.map((code) => of(made, code).status)).toEqual(feedCodes.map(() => 'skipped'))
    expect(made.verdict).toBe('ok')
  })
})

describe('bitrate and keyframes', () => {
  test('the peak is what 95 % of the seconds stay below, and is not known before ten of them', () => {
    expect(peakKbps([])).toBeNull()
    expect(peakKbps([...Array(51).fill(null), ...Array(9).fill(5000)])).toBeNull()
    expect(peakKbps([...Array(50).fill(null), ...Array(10).fill(5000)])).toBe(5000)
    // One wild second is none; four of sixty are the peak.
    expect(peakKbps([...Array(59).fill(5000), 40_000])).toBe(5000)
    expect(peakKbps([...Array(56).fill(5000), 7000, 7000, 7000, 7000])).toBe(7000)
    const early = check({ preset: findPreset('twitch'), found: { feed: { ...feed, bitrateKbps: null } } })
    expect(of(early, 'bitrate')).toMatchObject({ status: 'skipped', message: 'The bitrate is not known yet.' })
  })
  test('what stays on this machine adds nothing to the upload', () => {
    expect(of(check({ staysHere: true }), 'upload').message).toContain('adds nothing')
  })
  test.each([
    ['twitch', 6000, 'ok'],
    ['twitch', 6500, 'warning'],
    ['facebook', 9500, 'warning'],
    ['kick', 8000, 'ok'],
    ['youtube', 20_000, 'ok'],
    ['rtmp', 90_000, 'ok'],
  ])('%s with %d kbit/s is %s', (preset, bitrateKbps, status) => {
    const made = check({ preset: findPreset(preset), found: { feed: { ...feed, bitrateKbps } } })
    expect(of(made, 'bitrate').status).toBe(status as never)
  })
  test.each([
    ['twitch', 2, 'ok'],
    ['twitch', 2.4, 'ok'],
    ['twitch', 10, 'warning'],
    ['youtube', 4, 'warning'],
    ['youtube', 6, 'problem'],
    ['facebook', 8.33, 'problem'],
    ['rtmp', 10, 'ok'],
    ['rtmp', 12, 'warning'],
  ])('%s with a keyframe every %d s is %s', (preset, keyframeSeconds, status) => {
    const made = check({ preset: findPreset(preset), found: { feed: { ...feed, keyframeSeconds } } })
    expect(of(made, 'keyframes').status).toBe(status as never)
    if (status !== 'ok')
      expect(of(made, 'keyframes').message).toContain('Set the keyframe interval of the encoder to 2 s.')
  })
  test('what leaves this server, of a listener for each caller', () => {
    expect(of(check(), 'upload').message).toContain('send 12.0 Mbit/s now; with this one it is 17.0 Mbit/s.')
    expect(of(check({ uploadKbps: 0 }), 'upload').message).toContain('No other output of this server sends now')
    const listener = check({ protocol: 'srt_listener', preset: findPreset('srt_listener') })
    expect(of(listener, 'upload').message).toContain('each caller adds 5.00 Mbit/s.')
  })
  test('sound alone is little', () => {
    const made = check({ preset: findPreset('twitch'), options: { video: 'none' } })
    expect(['bitrate', 'keyframes', 'upload'].map((code) => of(made, code).status)).toEqual([
      'skipped',
      'skipped',
      'ok',
    ])
  })
  test('what is made here counts, not what comes', () => {
    const heavy = { feed: { ...feed, bitrateKbps: 20_000, keyframeSeconds: 10 } }
    const made = check({ preset: findPreset('twitch'), options: { video: '720p' }, found: heavy })
    expect([of(made, 'bitrate').status, of(made, 'keyframes').status]).toEqual(['ok', 'ok'])
    expect(of(made, 'upload').message).toContain('14.6 Mbit/s')
  })
})
