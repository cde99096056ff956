import { expect, test } from 'bun:test'
import type { Caller } from '../../../../src/media/actual.ts'
import type { Listener } from '../../../../src/media/output/output-listener.ts'
import type { Run } from '../../../../src/media/output/run.ts'
import type { OutputSpec } from '../../../../src/media/specs.ts'
import { createTally } from '../../../../src/media/output/tally.ts'

const SPEC = { id: 1, inputId: 2 } as OutputSpec
const RUN = {
  figures: () => ({ bytes: 9, skips: 0, bitrateKbps: 900, fps: 25, speed: 1, uptimeSeconds: 4 }),
} as unknown as Run
const listenerWith = (callers: Caller[] | null) =>
  ({ callers, figures: () => ({ callers: [], bitrateKbps: 0, bytes: 0 }) }) as unknown as Listener
const CALLER: Caller = { id: 1, address: '192.0.2.1:5', streamId: '', since: 0 }

test.each([
  ['that nobody calls has no speed', listenerWith([]), null, null],
  ['with a caller has', listenerWith([CALLER]), 25, 1],
  ['that FFmpeg serves itself has', listenerWith(null), 25, 1],
])('a listener %s', (_, listener, fps, speed) => {
  expect(createTally().figures(SPEC, RUN, listener, 0)).toMatchObject({ fps, speed, uptimeSeconds: 4 })
})

test('an output that calls has a speed', () => {
  expect(createTally().figures(SPEC, RUN, null, 0)).toMatchObject({ fps: 25, speed: 1, bitrateKbps: 900 })
})
