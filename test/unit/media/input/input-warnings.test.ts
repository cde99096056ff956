import { describe, expect, test } from 'bun:test'
import { type FeedFacts, feedWarnings, keepSince } from '../../../../src/media/input/input-warnings.ts'
import { createRecentCount } from '../../../../src/media/input/recent-count.ts'

const healthy: FeedFacts = {
  active: true,
  recentContinuityErrors: 0,
  hasVideo: true,
  hasAudio: true,
  activeSinceMs: 1_000,
  lastKeyframeMs: 59_000,
  lastAudioMs: 59_990,
  foreign: false,
  missingProgram: null,
  other: null,
  receiveBufferBytes: 4_194_304,
  losses: 0,
}
const codes = (facts: Partial<FeedFacts>) => feedWarnings({ ...healthy, ...facts }, 60_000).map((it) => it.code)

describe('feed warnings', () => {
  test('a healthy feed has none', () => expect(codes({})).toEqual([]))
  test.each([
    ['input.continuity', { recentContinuityErrors: 3 }],
    ['input.no_keyframe', { lastKeyframeMs: 49_000 }],
    ['input.no_keyframe', { lastKeyframeMs: null }],
    ['input.no_audio', { lastAudioMs: 57_000 }],
    ['input.not_mpegts', { foreign: true }],
    ['input.no_program', { active: false, missingProgram: { wanted: 7, present: [1, 2] } }],
    ['input.other_sender', { other: { address: '10.0.0.9:5004', atMs: 55_000, allowed: true } }],
    ['input.buffer_small', { receiveBufferBytes: 212_992 }],
    ['input.flapping', { losses: 3 }],
  ] as const)('%s', (code, facts) => expect(codes(facts as Partial<FeedFacts>)).toEqual([code]))

  test('what a feed has only just begun to send is not missed yet', () => {
    expect(codes({ activeSinceMs: 59_500, lastKeyframeMs: null, lastAudioMs: null })).toEqual([])
  })
  test('a lost feed is not blamed for its picture', () => {
    expect(codes({ active: false, recentContinuityErrors: 3, lastKeyframeMs: null, lastAudioMs: null })).toEqual([])
  })
  test('another sender is forgotten after 10 s, and one that is not allowed is named so', () => {
    expect(codes({ other: { address: 'x:1', atMs: 49_000, allowed: true } })).toEqual([])
    const [warning] = feedWarnings({ ...healthy, other: { address: 'x:1', atMs: 59_000, allowed: false } }, 60_000)
    expect(warning?.message).toContain('not in the list of allowed senders')
  })
  test('a warning keeps the time it began', () => {
    const old = [{ code: 'input.flapping', message: '3', since: 5 }]
    const now = keepSince(
      old,
      [
        { code: 'input.flapping', message: '4' },
        { code: 'input.continuity', message: '' },
      ],
      9,
    )
    expect(now.map((it) => it.since)).toEqual([5, 9])
  })
})

test('a recent count forgets, and stays small', () => {
  const count = createRecentCount(10_000)
  for (let at = 0; at < 100_000; at += 10) count.add(1, at)
  expect(count.sum(100_000)).toBeGreaterThan(980)
  expect(count.sum(100_000)).toBeLessThanOrEqual(1010)
  expect(count.sum(111_000)).toBe(0)
})
