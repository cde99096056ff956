import { describe, expect, test } from 'bun:test'
import { type InputDraft, toFreeSlug, toInputDraft, toSlug } from '../../../src/inputs/inputs.draft.ts'

test.each([
  ['Main Camera', 'main-camera'],
  ['  --Élan & Co.--  ', 'elan-co'],
  ['Ünïcode №5', 'unicode-no5'],
  ['舞台', 'input'],
  ['', 'input'],
  ['../../etc/passwd', 'etc-passwd'],
  [`${'a'.repeat(59)} b`, 'a'.repeat(59)],
])('the slug of %j is %s', (name, slug) => {
  expect(toSlug(name)).toBe(slug)
})

test('a taken slug gets the lowest free number from 2', () => {
  expect(toFreeSlug('cam', new Set())).toBe('cam')
  expect(toFreeSlug('cam', new Set(['cam']))).toBe('cam-2')
  expect(toFreeSlug('cam', new Set(['cam', 'cam-2', 'cam-4']))).toBe('cam-3')
})

describe('toInputDraft', () => {
  test('defaults', () => {
    expect(toInputDraft({ name: 'A' }, null)).toMatchObject({
      name: 'A',
      nameKey: 'a',
      kind: 'udp',
      path: null,
      enabled: true,
      udpPort: null,
      bindAddress: null,
      allowFrom: [],
      program: null,
      onLoss: 'hold',
      lossMs: 1000,
    })
  })
  test('a body laid over what is stored: absent stays, null takes the default', () => {
    const row: InputDraft & { path: string } = {
      ...toInputDraft({ name: 'A', udp_port: 7, program: 3, loss_ms: 500 }, null),
      path: 'a',
    }
    const stored = { ...row, id: 1, generation: 4, createdAt: 0, updatedAt: 0 }
    expect(toInputDraft({}, stored)).toEqual(row)
    expect(toInputDraft({ udp_port: null, loss_ms: null, enabled: false }, stored)).toEqual({
      ...row,
      udpPort: null,
      lossMs: 1000,
      enabled: false,
    })
    expect(toInputDraft({ kind: 'test' }, stored)).toMatchObject({ kind: 'test', udpPort: null, program: null })
    expect(toInputDraft({ kind: 'test', udp_port: null, allow_from: [] }, stored)).toMatchObject({ kind: 'test' })
    expect(() => toInputDraft({ kind: 'test', udp_port: 7 }, stored)).toThrow('do not go together')
  })
})
