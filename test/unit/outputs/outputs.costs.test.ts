import { expect, test } from 'bun:test'
import { coreWords, pictureCostWords, transcodeShare } from '../../../src/outputs/outputs.costs.ts'

test.each([
  [0.22, 2, "about a quarter of one of this server's 2 cores"],
  [0.36, 2, "about a third of one of this server's 2 cores"],
  [0.53, 4, "about half of one of this server's 4 cores"],
  [1.01, 8, "about all of one of this server's 8 cores"],
  [1.9, 1, "about all of this server's one core"],
])('%d on %d cores', (share, cores, words) => {
  expect(coreWords(share, cores)).toBe(words)
})

test('a larger feed costs more, and one that is not known counts as large', () => {
  for (const video of ['720p', '480p'] as const) {
    expect(transcodeShare(video, 1080)).toBeGreaterThan(transcodeShare(video, 720))
    expect(transcodeShare(video, null)).toBe(transcodeShare(video, 1080))
  }
  expect(transcodeShare('480p', 720)).toBeLessThan(transcodeShare('720p', 720))
})

test('the words name both and say that copying is free', () => {
  expect(pictureCostWords(720, 2)).toBe(
    "720p takes about a third of one of this server's 2 cores, 480p about a quarter of one of this server's 2 cores, all the time it sends. As it comes takes next to nothing.",
  )
})
