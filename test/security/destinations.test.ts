import { Database } from 'bun:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { createTargets, OFF_LIMITS, PRIVATE, type Targets } from '../../src/lib/targets.ts'
import type { InputSource, OutputTarget } from '../../src/media/specs.ts'
import { startHlsServer } from '../support/hls.ts'
import { openMediaStage, toInputSpec } from '../support/media-stage.ts'
import { rtspTo, toOutput, udpTo } from '../support/output-specs.ts'
import { type OutputStage, openOutputStage } from '../support/output-stage.ts'
import type { Input, Output } from '../support/resources.ts'
import { eventually } from '../support/waiting.ts'
import { startWeir } from '../support/weir.ts'

/** Names whose owner leads them where nobody may go; asked anew by whoever connects, they would say something else. */
const ANSWERS: Record<string, string[]> = {
  'camera.example': ['127.0.0.1'],
  'metadata.example': ['169.254.169.254'],
  'both.example': ['127.0.0.1', '::ffff:169.254.169.254'],
  'nat64.example': ['64:ff9b::a9fe:a9fe'],
}
const targets = createTargets({ denyPrivate: false, resolve: async (name) => ANSWERS[name] ?? [] })
const BAD = ['metadata.example', 'both.example', 'nat64.example']

/** Counts who comes, and answers each with `says`. */
function openTrap(says = '') {
  const trap = { came: 0, port: 0, stop: (): void => undefined }
  const listener = Bun.listen({
    hostname: '127.0.0.1',
    port: 0,
    socket: {
      open: () => void trap.came++,
      data(socket, bytes) {
        const cseq = /CSeq: (\d+)/i.exec(bytes.toString())?.[1] ?? '1'
        socket.write(says.replace('{cseq}', cseq))
      },
    },
  })
  trap.port = listener.port
  trap.stop = () => listener.stop(true)
  return trap
}

const SOURCES: Record<string, (host: string, port: number) => InputSource> = {
  rtsp: (host, port) => ({
    ...({ kind: 'rtsp', tls: false, host, port, path: 'live', transport: 'tcp' } as const),
    ...{ username: null, password: null },
  }),
  srt_caller: (host, port) => ({ kind: 'srt_caller', host, port, latencyMs: 120, passphrase: null, streamId: null }),
  hls: (host, port) => ({ kind: 'hls', url: `http://${host}:${port}/live.m3u8`, username: null, password: null }),
}

const rtmp = (host: string, port: number, tls = false): OutputTarget => ({
  ...({ protocol: 'rtmp', tls, tlsVerify: true, host, port, app: 'live' } as const),
  ...{ streamKey: 'key', username: null, password: null },
})
const TARGETS: Record<string, (host: string, port: number) => OutputTarget> = {
  udp: (host, port) => udpTo(port, host),
  srt_caller: (host, port) => ({
    ...({ protocol: 'srt_caller', host, port, latencyMs: 120, pktSize: 1_316 } as const),
    ...{ passphrase: null, streamId: null },
  }),
  rtmp: (host, port) => rtmp(host, port),
  rtmps: (host, port) => rtmp(host, port, true),
  rtsp: (host, port) => rtspTo(port, { host }),
}

describe('inputs: a name that leads to cloud metadata', () => {
  test.each(Object.entries(SOURCES))('%s calls nobody and says why, once', async (_, toSource) => {
    await using stage = openMediaStage({ targets })
    const trap = openTrap()
    for (const host of BAD) {
      const spec = toInputSpec(toSource(host, trap.port))
      stage.want(spec)
      const state = await stage.inputIs(
        spec.id,
        'refused',
        ({ status, warnings }) => status === 'error' && warnings.length > 0,
      )
      expect(state).toMatchObject({ statusReason: OFF_LIMITS, warnings: [{ code: 'input.refused_address' }] })
      expect((state.nextRetryAt ?? 0) - Date.now()).toBeGreaterThan(30_000)
      stage.want({ ...spec, enabled: false })
      await stage.inputIs(spec.id, 'stopped', ({ status }) => status === 'stopped')
    }
    expect(stage.events.filter(({ name }) => name === 'child.spawned')).toEqual([])
    expect(trap.came).toBe(0)
    trap.stop()
  })
})

describe('outputs: a name that leads to cloud metadata', () => {
  let it: OutputStage
  beforeAll(async () => {
    it = await openOutputStage({ targets })
  })
  afterAll(() => it?.[Symbol.asyncDispose]())

  test.each(Object.entries(TARGETS))('%s sends nothing and says why', async (protocol, toTarget) => {
    const trap = openTrap()
    const engines = protocol === 'udp' ? (['ffmpeg', 'direct'] as const) : (['ffmpeg'] as const)
    for (const host of BAD) {
      for (const engine of engines) {
        const output = it.add(toOutput(toTarget(host, trap.port), { engine }))
        const state = await it.is(output, 'refused', ({ status }) => status === 'error')
        expect(state).toMatchObject({ statusReason: OFF_LIMITS, processId: null, lastExit: null })
        expect((state.nextRetryAt ?? 0) - Date.now()).toBeGreaterThan(30_000)
        await it.remove(output)
      }
    }
    expect(it.stage.pids.size).toBe(0)
    expect(trap.came).toBe(0)
    trap.stop()
  })

  test('a good name is gone to by the address that was looked at, and a second answer cannot move it', async () => {
    const trap = openTrap()
    const output = it.add(toOutput(rtmp('camera.example', trap.port)))
    await eventually(20_000, 'it calls', () => trap.came > 0)
    expect(it.log(output).join('\n')).not.toContain('could not be found')
    await it.remove(output)
    trap.stop()
  })
})

describe('a server that sends elsewhere', () => {
  test.each(['tcp', 'udp'] as const)('RTSP by %s: nobody follows', async (transport) => {
    await using stage = openMediaStage({ targets })
    const inner = openTrap()
    const moved = `RTSP/1.0 302 Found\r\nCSeq: {cseq}\r\nLocation: rtsp://127.0.0.1:${inner.port}/live\r\n\r\n`
    const outer = openTrap(moved)
    const source = SOURCES['rtsp']?.('camera.example', outer.port)
    const spec = toInputSpec({ ...source, transport } as InputSource)
    stage.want(spec)
    const state = await stage.inputIs(spec.id, 'refused', ({ status }) => status === 'reconnecting')
    expect(state.statusReason).toContain('points to another address')
    expect(stage.supervisor.logs('input', spec.id).exits[0]?.class).toBe('rejected')
    expect([outer.came > 0, inner.came]).toEqual([true, 0])
    stage.want({ ...spec, enabled: false })
    await stage.inputIs(spec.id, 'stopped', ({ status }) => status === 'stopped')
    inner.stop()
    outer.stop()
  })

  /** How an HLS input is told that `answer` is what its server says. */
  async function playHls(answer: (path: string) => Response, over: Targets = targets) {
    await using stage = openMediaStage({ targets: over })
    await using server = startHlsServer((request) => answer(new URL(request.url).pathname))
    const url = `http://camera.example:${new URL(server.url).port}/live.m3u8`
    const spec = toInputSpec({ kind: 'hls', url, username: null, password: null })
    stage.want(spec)
    const state = await stage.inputIs(spec.id, url, ({ status }) => status === 'reconnecting')
    const told = { reason: state.statusReason, video: state.video, asked: server.asked }
    stage.want({ ...spec, enabled: false })
    await stage.inputIs(spec.id, 'stopped', ({ status }) => status === 'stopped')
    return told
  }
  const redirectTo = (location: string) => new Response(null, { status: 302, headers: { location } })

  test.concurrent.each([
    'http://169.254.169.254/latest/meta-data',
    'http://metadata.example/x.m3u8',
    'http://both.example/x.m3u8',
    'http://2852039166/x.m3u8',
    'http://0xa9fea9fe/x.m3u8',
    'http://0251.0376.0251.0376/x.m3u8',
    'http://[::ffff:169.254.169.254]/x.m3u8',
  ])('HLS, to %s: in a redirect and in a playlist', async (place) => {
    const redirected = await playHls(() => redirectTo(place))
    expect(redirected.reason).toContain(OFF_LIMITS)
    const listed = await playHls(() => new Response(`#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n${place}\n`))
    expect(listed.reason).toMatch(/no HLS playlist|Weir never goes/)
  })

  test.concurrent('HLS: no segment, key, map or nested playlist leads where nobody may go', async () => {
    const trap = openTrap('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    const evil = `http://127.0.0.1:${trap.port}/x.ts`
    // The same machine, but for one name.
    const narrow: Targets = {
      refusal: () => null,
      find: async (host) =>
        host === 'camera.example' ? { is: 'allowed', addresses: ['127.0.0.1'] } : { is: 'refused', words: PRIVATE },
    }
    const list = (...lines: string[]) =>
      ['#EXTM3U', '#EXT-X-TARGETDURATION:2', ...lines, '#EXT-X-ENDLIST', ''].join('\n')
    const playlists = [
      list('#EXTINF:2,', evil),
      list('#EXTINF:2,', 'moved.ts'),
      list('#EXTINF:2,', 'nested.ts'),
      list('#EXTINF:2,', 'dash.ts'),
      list(`#EXT-X-KEY:METHOD=AES-128,URI="${evil}"`, '#EXTINF:2,', 'empty.ts'),
      list(`#EXT-X-MAP:URI=${evil}`, '#EXTINF:2,', 'empty.ts'),
      list('#EXTINF:2,', `httpproxy://127.0.0.1:${trap.port}/x`),
    ]
    const others: Record<string, () => Response> = {
      '/moved.ts': () => redirectTo(evil),
      '/nested.ts': () => new Response(list('#EXTINF:2,', evil)),
      '/dash.ts': () =>
        new Response(
          `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT2S"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>${evil}</BaseURL></Representation></AdaptationSet></Period></MPD>`,
        ),
    }
    const told = playlists.map(async (playlist) => {
      const found = await playHls(
        (path) => others[path]?.() ?? new Response(path === '/live.m3u8' ? playlist : ''),
        narrow,
      )
      expect([found.video, found.asked.length > 1]).toEqual([null, true])
    })
    await Promise.all(told)
    expect(trap.came).toBe(0)
    trap.stop()
  })
})

test('MEDIA_PRIVATE_TARGETS=deny holds at each start, whatever was stored', async () => {
  await using weir = await startWeir({ env: { MEDIA_PRIVATE_TARGETS: 'deny', MEDIA_WORKERS: '1' } })
  const saved = await weir.call('POST', '/api/inputs', { name: 'No', kind: 'rtsp', url: 'rtsp://localhost/live' })
  expect(saved.status).toBe(422)
  const off = { enabled: false }
  const input = await weir.createInput({ name: 'Camera', kind: 'srt_caller', url: 'srt://203.0.113.9:9000', ...off })
  const bars = await weir.createInput({ name: 'Bars', kind: 'test', ...off })
  const output = await weir.createOutput(bars.id, { name: 'Rack', url: 'udp://203.0.113.9:9', ...off })
  await weir.end('SIGTERM')
  using db = new Database(join(weir.dataDir, 'weir.db'))
  db.run("UPDATE inputs SET url = 'srt://localhost:9000', enabled = 1 WHERE id = ?", [input.id])
  db.run('UPDATE inputs SET enabled = 1 WHERE id = ?', [bars.id])
  db.run("UPDATE outputs SET host = 'localhost', enabled = 1 WHERE id = ?", [output.id])
  db.close()
  await weir.start()
  const isRefused = ({ status, status_reason }: Input | Output) => status === 'error' && status_reason === PRIVATE
  await weir.inputIs(input.id, 'refused', isRefused)
  await weir.outputIs(output, 'refused', isRefused)
  const told = await weir.ok<{ items: { type: string }[] }>('GET', `/api/inputs/${bars.id}/events`)
  expect(told.items.filter(({ type }) => type === 'output.error')).toHaveLength(1)
})
