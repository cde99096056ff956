import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { checkMedia } from '../support/media-check.ts'
import { findMediamtx, startMediamtx } from '../support/mediamtx.ts'
import { freeTcpPort } from '../support/ports.ts'
import { startEncoder } from '../support/publisher.ts'
import type { Input } from '../support/resources.ts'
import { active, liveInput, running, udpOutput } from '../support/stage.ts'
import { tempDir } from '../support/temp.ts'
import { startWeir, type Weir } from '../support/weir.ts'

/*
 * MediaMTX, another implementation of every protocol: what it takes from Weir, what Weir takes from it, and that both find
 * each other again after a connection was cut or the whole of MediaMTX has died.
 */

const HAVE_MEDIAMTX = findMediamtx() !== null
const SLOW_MS = 180_000
const PATIENT_MS = 40_000

describe.skipIf(!HAVE_MEDIAMTX)('MediaMTX (in the PATH or at MEDIAMTX_PATH)', () => {
  let weir: Weir
  let rtmpPort = 0
  beforeAll(async () => {
    rtmpPort = await freeTcpPort()
    weir = await startWeir({ env: { RTMP_HOST: '127.0.0.1', RTMP_PORT: String(rtmpPort) } })
  })
  afterAll(() => weir?.[Symbol.asyncDispose]())

  test.concurrent(
    'takes RTMP, SRT and RTSP, puts each publisher out, dies and comes back: every output is there again',
    async () => {
      await using mtx = await startMediamtx()
      const { input, feed } = await liveInput(weir)
      const create = (name: string, url: string, more: Record<string, unknown> = {}) =>
        weir.createOutput(input.id, { name, url, reconnect_delay: 0.3, max_reconnect_delay: 1, ...more })
      const outputs = [
        {
          ...({ kind: 'rtmpconns', path: 'live/one' } as const),
          output: await create('RTMP', `rtmp://127.0.0.1:${mtx.rtmp}/live`, { stream_key: 'one' }),
        },
        {
          ...({ kind: 'srtconns', path: 'two' } as const),
          output: await create('SRT', `srt://127.0.0.1:${mtx.srt}?streamid=publish:two`),
        },
        {
          ...({ kind: 'rtspsessions', path: 'cam/three' } as const),
          output: await create('RTSP', `rtsp://127.0.0.1:${mtx.rtsp}/cam/three`),
        },
      ] as const
      const all = <T>(look: (it: (typeof outputs)[number]) => Promise<T>) => Promise.all(outputs.map(look))
      const allPlay = () =>
        all(async ({ path }) => {
          expect((await mtx.ready(path)).tracks).toEqual(['H264', 'MPEG-4 Audio'])
          const played = await mtx.play(path)
          await played.received(300_000)
          const media = await checkMedia(await played.end())
          expect({ path, ...media }).toMatchObject({ path, width: 1280, audioCodec: 'aac', decodeErrors: [] })
        })

      const first = await all(({ output }) => weir.outputIs(output, 'running', running, PATIENT_MS))
      await allPlay()

      await all(async ({ kind, path, output }) => {
        const before = await mtx.publishers(kind, path)
        await mtx.kick(kind, path)
        const again = await weir.outputIs(output, 'again', (o) => running(o) && o.reconnect_count === 1, PATIENT_MS)
        expect(again.process_id).not.toBe(first.find(({ id }) => id === output.id)?.process_id)
        await mtx.ready(path, ({ source }) => source !== null && !before.includes(source.id))
        expect(await mtx.publishers(kind, path)).toHaveLength(1)
      })

      await mtx.kill()
      // SRT has no goodbye of a dead process: it is missed after 5 s of silence.
      const down = await all(({ output }) =>
        weir.outputIs(output, 'cut off', (o) => o.status === 'reconnecting', PATIENT_MS),
      )
      for (const { last_exit } of down) expect(last_exit?.next).toBe('retry')
      await mtx.start()
      await all(({ output }) => weir.outputIs(output, 'back', running, PATIENT_MS))
      await allPlay()
      for (const { output } of outputs) await weir.ok('DELETE', `/api/inputs/${input.id}/outputs/${output.id}`)
      await feed.stop()
    },
    SLOW_MS,
  )

  test.concurrent(
    'gives RTSP, SRT and HLS, and sends on by RTMP and SRT: pictures with B-pictures, through its death',
    async () => {
      const create = (name: string, more: Record<string, unknown>) =>
        weir.createInput({ name, on_loss: 'freeze', max_fill_minutes: 0, ...more })
      const byRtmp = await create('Sent by RTMP', { kind: 'rtmp' })
      const bySrt = await create('Sent by SRT', { kind: 'srt_listener', bind_address: '127.0.0.1' })
      const name = 'live/obs'
      const forward = [
        { dest: `rtmp://127.0.0.1:${rtmpPort}/live#${byRtmp.publish_key}` },
        { dest: `srt://127.0.0.1:${bySrt.srt_port}?streamid=${bySrt.publish_key}` },
      ]
      await using mtx = await startMediamtx({ paths: { [name]: { forward } } })
      await using _encoder = startEncoder(`rtmp://127.0.0.1:${mtx.rtmp}/${name}`, { name: 'small30' })
      await mtx.ready(name)
      const inputs: Input[] = [
        ...[byRtmp, bySrt],
        await create('By RTSP', { kind: 'rtsp', url: `rtsp://127.0.0.1:${mtx.rtsp}/${name}` }),
        await create('By SRT', { kind: 'srt_caller', url: `srt://127.0.0.1:${mtx.srt}?streamid=read:${name}` }),
        await create('By HLS', { kind: 'hls', url: `http://127.0.0.1:${mtx.hls}/${name}/index.m3u8` }),
      ]
      const playing = await Promise.all(
        inputs.map(async ({ id, name }) => {
          const input = await weir.inputIs(
            id,
            'active',
            (i) => active(i) && i.stats.video !== null && i.stats.audio !== null,
            PATIENT_MS,
          )
          expect({ name, ...input.stats.video }).toMatchObject({
            name,
            codec: 'h264',
            width: 854,
            height: 480,
            fps: 30,
          })
          expect({ name, ...input.stats.audio }).toMatchObject({ name, codec: 'aac', sample_rate: 48_000 })
          return { id, name, ...(await udpOutput(weir, id, 'out')) }
        }),
      )
      await Promise.all(playing.map(({ receiver }) => receiver.more(1_500, PATIENT_MS)))

      await mtx.kill()
      await Promise.all(playing.map(({ id }) => weir.inputIs(id, 'frozen', (i) => i.on_air === 'freeze', 60_000)))
      await mtx.start()
      await Promise.all(playing.map(({ id }) => weir.inputIs(id, 'on air', (i) => i.on_air === 'main', 60_000)))
      await Promise.all(playing.map(({ receiver }) => receiver.more(1_500, PATIENT_MS)))

      for (const { id, name, output, receiver } of playing) {
        const now = await weir.output(id, output.id)
        expect({ name, status: now.status, pid: now.process_id, errors: receiver.errorCount() }).toEqual({
          ...{ name, status: 'running', pid: output.process_id, errors: 0 },
        })
        await weir.ok('DELETE', `/api/inputs/${id}`)
        const media = await checkMedia(receiver.save(join(tempDir('given'), 'given.ts')))
        expect({ name, ...media }).toMatchObject({ name, videoCodec: 'h264', audioCodec: 'aac', decodeErrors: [] })
        await receiver[Symbol.asyncDispose]()
      }
    },
    SLOW_MS,
  )
})
