import { expect, test } from 'bun:test'
import { pictureCostWords, shareWords, transcodeShare } from '../../../src/outputs/outputs.costs.ts'

test.each([
  [0.22, 'a quarter'],
  [0.36, 'a third'],
  [0.53, 'half'],
  [1.01, 'all'],
  [1.9, 'all'],
])('%d of a core is %s', (share, words) => {
  expect(shareWords(share)).toBe(words)
})

test('a larger feed costs more, and one that is not known counts as large', () => {
  for (const video of ['720p', '480p'] as const) {
    expect(transcodeShare(video, 1080)).toBeGreaterThan(transcodeShare(video, 720))
    expect(transcodeShare(video, null)).toBe(transcodeShare(video, 1080))
  }
  expect(transcodeShare('480p', 720)).toBeLessThan(transcodeShare('720p', 720))
})

test('the words name both, the cores there are, and that copying is free', () => {
  expect(pictureCostWords(720, 2)).toBe(
    "While it sends, 720p takes about a third of one of this server's 2 cores, and 480p about a quarter. As it comes takes next to nothing.",
  )
  expect(pictureCostWords(null, 1)).toContain("720p takes about all of this server's one core, and 480p about half.")
})
