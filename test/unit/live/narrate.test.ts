import { expect, test } from 'bun:test'
import { tellExit, tellInput, tellOutput, tellRestart, tellSwitch } from '../../../src/live/narrate.ts'
import type { InputActual, OutputActual } from '../../../src/media/actual.ts'
import { newInput, newOutput } from '../../support/fake-media.ts'

test.each([
  ['inactive', 'active', 'input.active'],
  ['active', 'inactive', 'input.inactive'],
  ['starting', 'inactive', null],
  ['active', 'active', null],
  ['active', 'reconnecting', 'input.reconnecting'],
  ['starting', 'error', 'input.error'],
  ['active', 'stopping', null],
] as const)('an input from %s to %s: %p', (from, to, type) => {
  const at = (status: InputActual['status']) => ({ ...newInput(1), status, statusReason: 'Because.' })
  expect(tellInput(at(from), at(to))?.type ?? null).toBe(type)
})

test.each([
  ['none', 'main', null, null],
  ['main', 'freeze', 'lost', 'The feed was lost. Its last picture stands still on air, without sound.'],
  ['main', 'backup', 'lost', 'The feed was lost. The backup is on air.'],
  ['backup', 'slate', 'lost', 'The backup was lost. The slate is on air.'],
  ['main', 'none', 'lost', 'The feed was lost. Nothing is on air any more.'],
  ['freeze', 'main', 'returned', 'The feed is back on air.'],
  ['main', 'none', 'ended', 'The show has ended. Nothing is on air any more.'],
  ['slate', 'none', 'ended', 'Nothing is on air any more.'],
  ['none', 'slate', null, 'The slate is on air.'],
  ['main', 'slate', 'manual', null],
] as const)('from %s to %s, %p: %p', (from, to, reason, message) => {
  expect(tellSwitch({ from, to, reason, gapMs: 120 })).toEqual(
    message === null ? null : { type: 'input.switched', message, data: { from, to, reason, gap_ms: 120 } },
  )
})

const video = { codec: 'h264', profile: 'High', width: 1280, height: 720, fps: 25 }
const audio = { codec: 'aac', sampleRate: 48_000, channels: 2, objectType: 2 }
const sends = (change: Partial<InputActual>): InputActual => ({
  ...newInput(1),
  status: 'active',
  video,
  audio,
  ...change,
})

test.each<[Partial<InputActual>, string | null]>([
  [{ video: { ...video, fps: 25.001, profile: 'Main' } }, null],
  [{ video: { ...video, width: null } }, null],
  [{ video: null, audio: null }, null],
  [{ video: { ...video, width: 640, height: 360 } }, 'its picture is h264 640x360 now, it was h264 1280x720'],
  [{ video: { ...video, codec: 'hevc' } }, 'its picture is hevc 1280x720 now, it was h264 1280x720'],
  [{ audio: null }, 'it carries no sound any more'],
  [
    { audio: { ...audio, channels: 1 } },
    'its sound is aac 48000 Hz with 1 channel now, it was aac 48000 Hz with 2 channels',
  ],
])('a feed that becomes %j', (change, words) => {
  const line = tellInput(sends({}), sends(change))
  expect(line).toEqual(words === null ? null : { type: 'input.changed_format', message: `The feed changed: ${words}.` })
})

test('another codec is told once, though its details come later', () => {
  const early = sends({ video: { ...video, codec: 'hevc', width: null, height: null } })
  const late = sends({ video: { ...video, codec: 'hevc' } })
  expect(tellInput(sends({}), early)?.message).toBe('The feed changed: its picture is hevc now, it was h264 1280x720.')
  expect(tellInput(early, late)).toBeNull()
})

test('a feed that has sound again', () => {
  expect(tellInput(sends({ audio: null }), sends({}))?.message).toBe(
    'The feed changed: it carries sound now, aac 48000 Hz with 2 channels.',
  )
})

test.each([
  ['starting', 'running', 'output.running'],
  ['running', 'reconnecting', 'output.reconnecting'],
  ['reconnecting', 'starting', null],
  ['reconnecting', 'error', 'output.error'],
  ['stopping', 'waiting', 'output.waiting'],
  ['stopped', 'waiting', null],
  ['starting', 'waiting', null],
  ['stopping', 'stopped', null],
  ['running', 'running', null],
] as const)('an output from %s to %s: %p', (from, to, type) => {
  const at = (status: OutputActual['status']) => ({ ...newOutput(1, 1), status, statusReason: 'Because.' })
  const line = tellOutput(at(from), at(to))
  expect(line?.type ?? null).toBe(type)
  // A reason of waiting says what comes next.
  if (type === 'output.waiting') expect(line?.message).toBe('Nothing is on air any more.')
  if (type === 'output.error' || type === 'output.reconnecting') expect(line?.message).toBe('Because.')
})

test('an exit is described whole, but for the lines of its log', () => {
  const exit = {
    class: 'hung' as const,
    code: null,
    signal: 'SIGKILL',
    forced: true,
    at: 5,
    ranSeconds: 12.34,
    next: 'retry' as const,
    lines: ['x'],
  }
  expect(tellExit(exit)).toEqual({
    type: 'output.exited',
    message: 'FFmpeg ended after 12.3 s (hung, signal SIGKILL).',
    data: { class: 'hung', code: null, signal: 'SIGKILL', forced: true, ran_seconds: 12.34, next: 'retry' },
  })
  expect(tellExit({ ...exit, code: 1, signal: null })?.message).toContain('code 1')
})

test.each([
  ['codec', "Restarted: the feed's codec changed."],
  ['sound', "Restarted: the feed's sound changed."],
  ['door', 'Stopped until its port is open again.'],
  ['person', null],
  ['off_air', null],
] as const)('an end that was asked for (%s) is told as no failure: %p', (asked, message) => {
  const ended = { code: 0, signal: null, forced: false, at: 5, ranSeconds: 82.8, next: 'none', lines: [] } as const
  const line = tellExit({ ...ended, class: 'killed', lines: [], asked })
  expect(line).toEqual(message === null ? null : { type: 'output.restarted', message })
})

test.each([
  ['clock_back', 'The feed began anew: its clock went back.'],
  ['clock_ahead', 'The feed began anew: its clock jumped ahead.'],
] as const)('a feed on another timeline (%s) is told in words', (reason, message) => {
  expect(tellRestart({ reason, gapMs: 40 })).toEqual({
    type: 'input.restarted',
    message,
    data: { reason, gap_ms: 40 },
  })
})
