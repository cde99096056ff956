import { expect, test } from 'bun:test'
import { createMask } from '../../../src/media/mask.ts'
import { toDoorWords, toGateWords } from '../../../src/media/place-words.ts'

test('the socket of the SRT door is told in words', () => {
  const toWords = toDoorWords('/tmp/weir-x/srt-4.sock')
  expect(toWords('unix:/tmp/weir-x/srt-4.sock: Connection refused')).toBe('the SRT door: Connection refused')
  expect(toWords("Could not open '/tmp/weir-x/srt-4.sock'")).toBe("Could not open 'the SRT door'")
})

test("where the gate's address stands, the server's own is told, without its login", () => {
  const toWords = toGateWords({ host: '127.0.0.1', port: 4123 }, { host: '2001:db8::1', port: 322, tls: true })
  expect(toWords('rtsp://127.0.0.1:4123/live: 401')).toBe('rtsps://[2001:db8::1]:322/live: 401')
  expect(toWords('Connection to tcp://127.0.0.1:4123?x failed')).toBe('Connection to tcp://[2001:db8::1]:322?x failed')
  expect(toWords('rtsp://127.0.0.1:41234/live')).toBe('rtsp://127.0.0.1:41234/live')
  expect(createMask(['live'])(toWords('rtsp://127.0.0.1:4123/live'))).toBe('rtsps://[2001:db8::1]:322/***')
})

test('of a gate for IPv6, too', () => {
  const toWords = toGateWords({ host: '::1', port: 4123 }, { host: 'cam.example', port: 554, tls: false })
  expect(toWords('rtsp://[::1]:4123/live: 401')).toBe('rtsp://cam.example:554/live: 401')
})
