import { expect, test } from 'bun:test'
import type { FeedSource } from '../../../../src/media/input/feed-source.ts'
import { createFeedWatch } from '../../../../src/media/input/feed-watch.ts'
import { createTsReader } from '../../../../src/media/mpegts/reader.ts'
import { tsFixture } from '../../../support/ts-fixture.ts'

test('a feed is there for 2 s after its last packet, and no longer than to a goodbye', () => {
  const feed = tsFixture('avc')
  const reader = createTsReader({ program: null, onUnit: () => undefined, onFormat: () => undefined })
  const source: FeedSource = { sender: () => null, other: () => null, close: () => Promise.resolve() }
  const watch = createFeedWatch()
  const facts = { reader, source, program: null, hasVideo: true, hasAudio: true, receiveBufferBytes: null }
  const active = (nowMs: number) => watch.look(facts, nowMs).active

  reader.push(feed.subarray(0, 188 * 100), 1_000)
  expect([active(1_100), active(2_999), active(3_000)]).toEqual([true, true, false])
  reader.push(feed.subarray(188 * 100, 188 * 200), 4_000)
  expect(active(4_100)).toBe(true)
  watch.ended(4_100)
  expect(active(4_101)).toBe(false)
  reader.push(feed.subarray(188 * 200, 188 * 300), 4_200)
  expect(active(4_201)).toBe(true)
})
