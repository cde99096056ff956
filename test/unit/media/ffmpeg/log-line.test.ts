import { describe, expect, test } from 'bun:test'
import { parseLogLine } from '../../../../src/media/ffmpeg/log-line.ts'

describe('log line', () => {
  test.each([
    ['[error] rtmp://h/: Broken pipe', 'error', 'rtmp://h/: Broken pipe'],
    ['[tcp @ 0x5581aabbcc00] [error] Connection refused', 'error', '[tcp] Connection refused'],
    ['[mpegts @ 0x55d0c8a0e280] [warning] Packet corrupt', 'warning', '[mpegts] Packet corrupt'],
    ['[fatal] Invalid syntax', 'error', 'Invalid syntax'],
    ['[info] Stream mapping:', 'info', 'Stream mapping:'],
    ['setpriv: failed to execute ffmpeg', 'warning', 'setpriv: failed to execute ffmpeg'],
    [
      '12:16:35.211952/SRT:RcvQ:w1!W:SRT.cn: processAsyncConnectRequest: REJECT reported',
      'warning',
      '[SRT] processAsyncConnectRequest: REJECT reported',
    ],
  ] as const)('%s', (raw, level, text) => {
    expect(parseLogLine(raw)).toEqual({ level, text })
  })

  test('the same failure of two runs is the same line', () => {
    const lines = ['[rtmp @ 0x5581aabbcc00] [error] Gone', '[rtmp @ 0x7f00aabbcc11] [error] Gone'].map(parseLogLine)
    expect(lines[0]).toEqual(lines[1] ?? { level: 'debug', text: 'missing' })
  })
})
