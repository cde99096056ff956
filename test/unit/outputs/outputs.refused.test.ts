import { describe, expect, test } from 'bun:test'
import { refusedForm, withoutSecrets } from '../../../src/outputs/outputs.refused.ts'
import { sampleOutput } from '../../support/samples.ts'

describe('withoutSecrets', () => {
  test.each([
    ['rtmp://user:hush@host/app', 'rtmp://host/app'],
    ['rtmp://host:1936/app/live_hush', 'rtmp://host:1936/app'],
    ['RTMPS://host/app/instance/live_hush/', 'RTMPS://host/app/instance'],
    ['rtmp://host/app?auth=hush', 'rtmp://host/app'],
    ['rtmp://host/app hush', 'rtmp://host/app'],
    ['host/app/hush', 'host/app'],
    ['srt://host:9000?passphrase=hush-hush-hush', 'srt://host:9000'],
    ['rtmp://user:hu/sh@host/app', ''],
    ['rtmp://user:hu?sh@host/app', ''],
    ['rtmp:\\\\host\\app\\hush', ''],
    ['https://www.youtube.com/watch?v=x', 'https://www.youtube.com/watch'],
    ['rtsp://user:hush@host:554/live/stage', 'rtsp://host:554/live/stage'],
  ])('of %s leaves %s', (url, shown) => {
    expect(withoutSecrets(url)).toBe(shown)
  })

  test.each([
    'rtsps://host/live/stage',
    'rtmps://b.rtmps.youtube.com:443/live2?backup=1',
    'rtmp://host/app',
    'rtmps://host:443/rtmp/',
    'srt://host:9000',
    'udp://[ff02::1]:5000',
    'https',
    '',
  ])('%s stays as it is', (url) => {
    expect(withoutSecrets(url)).toBe(url)
  })
})

describe('a refused form', () => {
  test('says at the address that something was taken out of it', () => {
    const { values, errors } = refusedForm(
      { name: '', url: 'rtmp://host/app/hush' },
      [{ path: 'url', message: 'No.' }],
      null,
    )
    expect(values).toEqual({ name: '', url: 'rtmp://host/app' })
    expect(errors).toEqual([{ path: 'url', message: 'No. What may be secret in it was taken out: enter that again.' }])
  })

  test('keeps the address that stands there for all to see', () => {
    const url = 'rtmp://host/live/instance'
    expect(refusedForm({ url }, [], sampleOutput({ url }))).toEqual({ values: { url }, errors: [] })
  })
})
