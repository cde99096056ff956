import { expect, test } from 'bun:test'
import { memoryBytes } from '../support/processes.ts'
import { startWeir } from '../support/weir.ts'

test('ready soon, small at rest', async () => {
  await using weir = await startWeir()
  const { rss, anonymous } = memoryBytes(weir.pid())
  expect(rss).toBeLessThan(100e6)
  expect(anonymous).toBeLessThan(50e6)
  await weir.end('SIGTERM')
  // 500 ms is the aim on an idle machine; the test machine is not idle.
  expect(await weir.start()).toBeLessThan(5000)
})
