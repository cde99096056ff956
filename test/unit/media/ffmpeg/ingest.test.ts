import { describe, expect, test } from 'bun:test'
import { testSourceArguments } from '../../../../src/media/ffmpeg/ingest.ts'

describe('test source', () => {
  test('writes a transport stream to stdout in real time', () => {
    const args = testSourceArguments()
    expect(args.slice(-5)).toEqual(['-f', 'mpegts', '-flush_packets', '1', 'pipe:1'])
    expect(args.filter((arg) => arg === '-re')).toHaveLength(2)
    expect(args).toContain('-nostdin')
    expect(args[args.indexOf('-g') + 1]).toBe('50')
  })

  test('shows the time of day where there is a font to draw it with', () => {
    const picture = testSourceArguments('/fonts/mono.ttf').find((arg) => arg.includes('1280x720'))
    expect(picture).toStartWith('smptehdbars=size=1280x720:rate=25,drawtext=fontfile=/fonts/mono.ttf:')
    expect(picture).toContain('localtime')
  })

  test('counts the seconds where there is none', () => {
    const args = testSourceArguments(null)
    expect(args).toContain('testsrc2=size=1280x720:rate=25')
    expect(args.join(' ')).not.toContain('drawtext')
  })
})
