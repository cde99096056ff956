import { expect, test } from 'bun:test'
import type { EventRow } from '../../../src/db/tables/events.ts'
import { foldEvents } from '../../../src/pages/fold-events.ts'

const event = (id: number, more: Partial<EventRow> = {}): EventRow => ({
  ...{ id, at: 1000 * id, inputId: 1, outputId: 7, type: 'output.reconnecting', actor: 'weir', message: 'Refused.' },
  data: null,
  ...more,
})
const told = (rows: EventRow[]) => foldEvents(rows).map(({ id, times, firstAt }) => [id, times, firstAt])

test('what fails again and again is one line at the place of the newest, whatever comes between', () => {
  const between = event(3, { outputId: 8 })
  expect(told([event(5), event(4), between, event(2), event(1)])).toEqual([
    [5, 4, 1000],
    [3, 1, 3000],
  ])
})

test('another thing, type or reason is another line', () => {
  const others = [{ inputId: 2 }, { outputId: null }, { type: 'output.error' }, { message: 'Not found.' }]
  expect(foldEvents([event(9), ...others.map((more, i) => event(i + 1, more))])).toHaveLength(5)
})

test('what people did stays line by line', () => {
  expect(told([2, 1].map((id) => event(id, { actor: 'Ruth', type: 'output.started' })))).toEqual([
    [2, 1, 2000],
    [1, 1, 1000],
  ])
})
