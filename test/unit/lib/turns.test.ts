import { expect, test } from 'bun:test'
import { createTurns } from '../../../src/lib/turns.ts'

test('work runs in the order of asking and never overlaps; a failure stops nobody', async () => {
  const turns = createTurns()
  const seen: string[] = []
  const work =
    (name: string, fails = false) =>
    async () => {
      seen.push(`${name} begins`)
      await Promise.resolve()
      seen.push(`${name} ends`)
      if (fails) throw new Error(name)
      return name
    }
  const results = await Promise.allSettled([turns(work('a')), turns(work('b', true)), turns(work('c'))])
  expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
  expect(results.map((r) => r.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
})
