import { expect, test } from 'bun:test'
import { createHistory, HISTORY_SECONDS } from '../../../src/live/history.ts'

const at = (second: number) => second * 1000 + 400

test('one value a second, null where nothing was measured, the last wins', () => {
  const history = createHistory()
  history.add('a', at(100), 1)
  history.add('a', at(101), 2.04)
  history.add('a', at(101), 2.06)
  history.add('a', at(104), null)
  history.add('a', at(105), 5)
  expect(history.read('a', at(106), 8)).toEqual([null, 1, 2.1, null, null, null, 5, null])
  expect(history.read('b', at(106), 2)).toEqual([null, null])
  history.drop('a')
  expect(history.read('a', at(106), 1)).toEqual([null])
})

test('what is older than the ring is gone, also after a long pause; late values find their place', () => {
  const history = createHistory()
  for (let second = 0; second < HISTORY_SECONDS * 2; second++) history.add('a', at(second), second)
  const all = history.read('a', at(HISTORY_SECONDS * 2 - 1), HISTORY_SECONDS)
  expect([all.length, all[0], all.at(-1)]).toEqual([HISTORY_SECONDS, HISTORY_SECONDS, HISTORY_SECONDS * 2 - 1])
  history.add('a', at(10_000), 7)
  expect(history.read('a', at(10_000), HISTORY_SECONDS).filter((value) => value !== null)).toEqual([7])
  history.add('a', at(9_990), 3)
  history.add('a', at(10), 9)
  expect(history.read('a', at(10_000), 11)).toEqual([3, ...Array(9).fill(null), 7])
})
