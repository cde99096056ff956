import { expect, test } from 'bun:test'
import { memoryBytes } from '../support/processes.ts'
import { eventually } from '../support/waiting.ts'
import { startWeir } from '../support/weir.ts'

test('ready soon, small at rest', async () => {
  await using weir = await startWeir()
  // What the start took is given back within a second.
  await eventually(10_000, 'it is small', () => {
    const { rss, anonymous } = memoryBytes(weir.pid())
    return rss < 100e6 && anonymous < 50e6
  })
  await weir.end('SIGTERM')
  // 500 ms is the aim on an idle machine; the test machine is not idle.
  expect(await weir.start()).toBeLessThan(5000)
})
