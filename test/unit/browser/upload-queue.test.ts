import { expect, test } from 'bun:test'
import { createUploadQueue, MOST_UPLOADS } from '../../../src/browser/upload-queue.ts'

function stage() {
  const begun: string[] = []
  const ends = new Map<string, () => void>()
  let idle = 0
  const queue = createUploadQueue({ onIdle: () => idle++ })
  const task = (name: string) => ({
    run() {
      begun.push(name)
      return new Promise<void>((resolve) => ends.set(name, resolve))
    },
  })
  const end = async (name: string) => {
    ends.get(name)?.()
    await Promise.resolve().then(() => undefined)
    await Promise.resolve()
  }
  return { queue, begun, task, end, idleTimes: () => idle }
}

test('three at a time, in the order in which they came', async () => {
  const { queue, begun, task, end, idleTimes } = stage()
  for (const name of ['a', 'b', 'c', 'd', 'e']) queue.add(task(name))
  expect(begun).toEqual(['a', 'b', 'c'])
  expect(MOST_UPLOADS).toBe(3)
  expect(queue.size()).toBe(5)
  await end('b')
  expect(begun).toEqual(['a', 'b', 'c', 'd'])
  for (const name of ['a', 'c', 'd']) await end(name)
  expect(begun.at(-1)).toBe('e')
  expect(idleTimes()).toBe(0)
  await end('e')
  expect([queue.size(), idleTimes()]).toEqual([0, 1])
})

test('what waits can be dropped, what runs cannot', async () => {
  const { queue, begun, task, end } = stage()
  const tasks = ['a', 'b', 'c', 'd', 'e'].map(task)
  for (const each of tasks) queue.add(each)
  expect(queue.drop(tasks[3] as never)).toBe(true)
  expect(queue.drop(tasks[0] as never)).toBe(false)
  await end('a')
  expect(begun).toEqual(['a', 'b', 'c', 'e'])
})
