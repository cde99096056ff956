import { expect, test } from 'bun:test'
import { parseTopics } from '../../../src/pages/events.topics.ts'

test('nothing asked for is inputs and system, without logs', () => {
  expect(parseTopics(undefined)).toMatchObject({ allInputs: true, system: true, inputIds: [], logIds: [] })
})

test('a list, with spaces, each once', () => {
  const topics = parseTopics('input:7, log:3,input:7,system')
  expect(topics).toMatchObject({ allInputs: false, system: true, inputIds: [7], logIds: [3] })
  expect([...topics.names]).toEqual(['input:7', 'log:3', 'system'])
})

test('what this version has not is named', () => {
  for (const text of [
    '',
    'alerts',
    'stream:X',
    'input:',
    'input:01',
    'input:7.5',
    'log:-1',
    'INPUTS',
    'inputs,,system',
  ])
    expect(() => parseTopics(text)).toThrow('This version has')
})

test('pictures of a stream are asked for by its key', () => {
  const topics = parseTopics('stream:live-001,system')
  expect(topics).toMatchObject({ streamKeys: ['live-001'], system: true, allInputs: false, inputIds: [] })
})
