import { expect, test } from 'bun:test'
import { refusedInput, withoutSecrets } from '../../../src/inputs/inputs.refused.ts'
import { sampleInput } from '../../support/samples.ts'

test.each([
  ['rtsp://admin:hush@cam:8554/ch1?sub=0', 'rtsp://cam:8554/ch1?sub=0'],
  ['rtsp://admin@cam/ch1', 'rtsp://cam/ch1'],
  ['RTSPS://admin:hush@[fd00::5]:322/', 'RTSPS://[fd00::5]:322/'],
  ['https://admin:hush@cdn/x.m3u8', 'https://cdn/x.m3u8'],
  ['srt://host:9000?passphrase=hush-hush', 'srt://host:9000'],
  ['srt://hush:hush@host:9000?streamid=hush', 'srt://host:9000'],
  ['host:9000?passphrase=hush', 'host:9000'],
  ['admin:hush@host', 'host'],
  // A password without a clear end.
  ['rtsp://admin:hu/sh@cam/ch1', ''],
  ['rtsp://admin:hu?sh@cam/ch1', ''],
  ['rtsp://admin:hu#sh@cam/ch1', ''],
  ['rtsp://admin:hu@sh@cam/ch1', ''],
  ['rtsp://admin:hu sh@cam/ch1', ''],
  ['rtsp://admin:hush', ''],
  ['rtsp:\\\\admin:hush\\cam', ''],
  ['srt://host:9000?streamid=hu@sh', ''],
  ['', ''],
])('of %s is shown again: %s', (typed, shown) => {
  expect(withoutSecrets(typed)).toBe(shown)
  expect(withoutSecrets(shown)).toBe(shown)
  expect(withoutSecrets(typed)).not.toContain('hu')
})

test.each(['rtsp://cam/ch1?sub=0', 'https://cdn/x.m3u8?t=1', 'srt://[fd00::5]:9000', 'rtsp', 'http://nope'])(
  '%s stays as it is',
  (url) => {
    expect(withoutSecrets(url)).toBe(url)
    expect(refusedInput({ url }, [], null)).toEqual({ values: { url }, errors: [] })
  },
)

test('the field says that something was taken out, but not of the address that is there', () => {
  const { values, errors } = refusedInput({ url: 'rtsp://a:hush@cam/' }, [{ path: 'url', message: 'No.' }], null)
  expect(values).toEqual({ url: 'rtsp://cam/' })
  expect(errors).toEqual([{ path: 'url', message: 'No. What may be secret in it was taken out: enter that again.' }])
  const url = 'rtsp://cam/a@b'
  expect(refusedInput({ url }, [], sampleInput({ kind: 'rtsp', url })).values).toEqual({ url })
})
