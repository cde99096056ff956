import { expect, test } from 'bun:test'
import { startRtmpServer } from '../support/nginx.ts'
import { toOutput } from '../support/output-specs.ts'
import { openOutputStage } from '../support/output-stage.ts'
import { HAVE } from '../support/peers.ts'

test.skipIf(!HAVE.rtmp)(
  'an RTMP server that freezes is seen in the send queue, warned of, and given up while FFmpeg still writes',
  async () => {
    await using server = await startRtmpServer()
    await using it = await openOutputStage()
    const target = {
      tls: false,
      tlsVerify: true,
      host: '127.0.0.1',
      port: server.port,
      app: 'live',
      streamKey: 'frozen',
    }
    const login = { username: null, password: null }
    const output = it.add(toOutput({ protocol: 'rtmp', ...target, ...login }, { stallTimeoutMs: 7_000 }))
    await it.running(output)
    await it.sent(output, 500_000)
    server.freeze()
    await it.is(output, 'warned of', ({ warnings }) => warnings.some(({ code }) => code === 'output.send_queue'))
    const failed = await it.failed(output)
    expect(failed).toMatchObject({ lastExit: { class: 'hung', forced: true, next: 'retry' } })
    // Its FFmpeg falls silent at about the same time: whichever is seen first.
    expect(failed.lastError).toMatch(/took nothing|no sign of life/)
    server.thaw()
    await it.running(output)
  },
  90_000,
)
