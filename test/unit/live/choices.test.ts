import { beforeEach, expect, test } from 'bun:test'
import { type Choices, createChoices } from '../../../src/live/choices.ts'
import type { OnAir, OnAirReason } from '../../../src/media/program/on-air.ts'

let choices: Choices
let changes: number
beforeEach(() => {
  changes = 0
  choices = createChoices(() => changes++)
})

const make = (to: 'main' | 'backup' | 'slate' | 'freeze' | 'auto', onAir: OnAir) =>
  choices.made({ inputId: 1, to, when: 'keyframe' }, { onAir, pending: onAir === 'main' ? 'backup' : null })
const switched = (from: OnAir, to: OnAir, reason: OnAirReason) =>
  choices.switched({ id: 1, from, to, reason, gapMs: 0 })

test('a slate stands until the choice is given back', () => {
  make('slate', 'slate')
  expect(choices.of(1)).toBe('slate')
  expect(choices.of(2)).toBeNull()
  make('slate', 'slate')
  make('auto', 'slate')
  expect(choices.of(1)).toBeNull()
  expect(changes).toBe(2)
})

test('a slate that is being made is one already', () => {
  make('slate', 'freeze')
  switched('main', 'freeze', 'manual')
  expect(choices.of(1)).toBe('slate')
})

test('a backup is chosen once it is on air; until then what was before stands', () => {
  make('slate', 'slate')
  make('backup', 'slate')
  expect(choices.of(1)).toBe('slate')
  switched('slate', 'backup', 'manual')
  expect(choices.of(1)).toBe('backup')
  switched('backup', 'main', 'manual')
  expect(choices.of(1)).toBeNull()
})

test.each<[OnAir, OnAirReason]>([
  ['main', 'lost'],
  ['main', 'returned'],
  ['none', 'ended'],
])('it ends with what was chosen: to %s, %s', (to, reason) => {
  make('backup', 'backup')
  switched('backup', to, reason)
  expect(choices.of(1)).toBeNull()
})

test('a new worker that has the feed on air instead has given the choice up', () => {
  make('slate', 'slate')
  switched('none', 'main', null)
  expect(choices.of(1)).toBeNull()
})

test('a new worker that has the feed on its way to a still picture changes nothing', () => {
  make('freeze', 'freeze')
  switched('none', 'main', null)
  expect(choices.of(1)).toBe('freeze')
})
