import { expect, test } from 'bun:test'
import { createLastStills } from '../../../src/inputs/last-stills.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { workerUnavailable } from '../../../src/media/workers/worker-calls.ts'

test('the last picture is given again while the worker has no answer, for a minute; never one that is known to be gone', async () => {
  let wallMs = 1_000_000
  let answer: () => { jpeg: Uint8Array; at: number } | null = () => ({ jpeg: Uint8Array.of(7), at: wallMs })
  const look = createLastStills(async () => answer(), { ...systemClock, wall: () => wallMs })
  const busy = () => {
    throw workerUnavailable()
  }
  expect((await look(1, 320))?.jpeg).toEqual(Uint8Array.of(7))
  answer = busy
  wallMs += 30_000
  expect((await look(1, 320))?.jpeg).toEqual(Uint8Array.of(7))
  expect(look(2, 320)).rejects.toMatchObject({ kind: 'unavailable' })
  wallMs += 30_000
  expect(look(1, 320)).rejects.toMatchObject({ kind: 'unavailable' })

  answer = () => ({ jpeg: Uint8Array.of(8), at: wallMs })
  await look(1, 320)
  answer = () => null
  expect(await look(1, 320)).toBeNull()
  answer = busy
  expect(look(1, 320)).rejects.toMatchObject({ code: 'media.unavailable' })
  answer = () => {
    throw new Error('a fault of ours')
  }
  expect(look(1, 320)).rejects.toThrow('a fault of ours')
})
