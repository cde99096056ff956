import { describe, expect, test } from 'bun:test'
import type { InputRow } from '../../../src/db/tables/inputs.ts'
import { toInputResource } from '../../../src/inputs/inputs.resource.ts'
import { createActual } from '../../../src/live/actual.ts'
import type { InputActual } from '../../../src/media/actual.ts'
import { sampleInputRow } from '../../support/samples.ts'

const PUBLISHING = {
  ...{ publish_url: null, publish_server: null, publish_server_tls: null },
  ...{ publish_key: null, publish_example: null },
}

function shown(row: Partial<InputRow>, change: Partial<InputActual>) {
  const actual = { ...createActual().input(3), ...change }
  const live = { input: () => ({ actual, figures: null }), outputsOf: () => [], runningOutputs: () => [] }
  return toInputResource(sampleInputRow(row), live, PUBLISHING, null)
}

describe('source', () => {
  test.each([
    ['srt_caller', 'srt://studio.example.org:9000', 'studio.example.org:9000'],
    ['rtsp', 'rtsp://camera.example.org/stream1', 'camera.example.org:554'],
    ['rtsp', 'rtsps://[fd00::5]/stream1', '[fd00::5]:322'],
    ['hls', 'https://cdn.example.org/live.m3u8', 'cdn.example.org:443'],
    ['hls', 'http://cdn.example.org:8080/live.m3u8', 'cdn.example.org:8080'],
  ] as const)('of %s at %s is %s while it is fetched', (kind, url, source) => {
    const row = { kind, url, udpPort: null }
    expect(shown(row, { status: 'active' }).source).toBe(source)
    expect(shown(row, { status: 'reconnecting' }).source).toBeNull()
  })

  test('of what is sent here is the sender; the test pattern has none', () => {
    expect(shown({}, { status: 'active', source: '192.0.2.17:5000' }).source).toBe('192.0.2.17:5000')
    expect(shown({ kind: 'test', udpPort: null }, { status: 'active' }).source).toBeNull()
  })
})

test('a feed without the wanted program is told as that, not as no feed', () => {
  const message = 'The feed has no program 9; it carries 1, 7. Change the program number of this input.'
  const warnings = [{ code: 'input.no_program', message, since: 0 }]
  const statusReason = 'Waiting for a feed.'
  expect(shown({}, { status: 'inactive', statusReason, warnings }).status_reason).toBe(message)
  expect(shown({}, { status: 'inactive', statusReason }).status_reason).toBe(statusReason)
  expect(shown({}, { status: 'stopped', statusReason: 'Switched off.', warnings }).status_reason).toBe('Switched off.')
})
