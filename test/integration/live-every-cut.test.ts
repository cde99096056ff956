import { afterAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import type { OutputTarget } from '../../src/media/specs.ts'
import { startFeed } from '../support/feed.ts'
import { type Played, playInBrowser } from '../support/flv-player.ts'
import { checkMedia } from '../support/media-check.ts'
import { findMediamtx, type Mediamtx, startMediamtx } from '../support/mediamtx.ts'
import { toInputSpec } from '../support/media-stage.ts'
import { HAVE } from '../support/peers.ts'
import { freeUdpPort } from '../support/ports.ts'
import { openShow, udpAt } from '../support/show-stage.ts'
import { startSrtReceiver } from '../support/srt-peers.ts'
import { tempDir } from '../support/temp.ts'
import { createContinuityCounter } from '../support/continuity.ts'

/*
 * One show through every cut there is, planned and not, and what each receiver made of it: MediaMTX, a browser that plays
 * what was recorded, and the clock at the receivers.
 */

const HAVE_MEDIAMTX = findMediamtx() !== null
const HAVE_BROWSER = HAVE.rtmp && (await Bun.file('/usr/bin/chromium').exists())
const LOSS_MS = 1_000
const SLOW_MS = 180_000
const RTMP_PATH = 'live/show'
const SRT_PATH = 'show'

type Cut = { to: string; reason: string | null; gapMs: number; silenceMs: Record<string, number>; stalledMs: number }

/** What was seen of the show, and what is left of it. */
type Seen = {
  planned: Cut[]
  losses: Cut[]
  /** Packets by UDP up to the end of the planned cuts. */
  plannedFile: string
  flv: string | null
  mediamtx: { rtmp: string[][]; srt: string[][]; playedRtmp: string; playedSrt: string; rawSrt: string } | null
}

let mediamtx: Mediamtx | null = null
let seen: Promise<Seen> | null = null
/** The one show of this file, for whichever test comes first. */
const show = () => (seen ??= playShow())
afterAll(() => mediamtx?.[Symbol.asyncDispose]())

async function playShow(): Promise<Seen> {
  mediamtx = HAVE_MEDIAMTX ? await startMediamtx() : null
  const backupPort = await freeUdpPort()
  const slate = { file: null, text: 'Back soon', before: false }
  const rules = { onLoss: 'slate', backupInputId: 22, slate } as const
  await using it = await openShow(21, rules, mediamtx ? targets(mediamtx) : [])
  const { stage, udp, port } = it
  stage.want(toInputSpec(udpAt(backupPort), [], { id: 22 }))
  stage.want(it.spec)
  let main = await startFeed(port)
  const backup = await startFeed(backupPort, { name: 'small30' })
  const pids = await it.allRun()
  await stage.inputIs(21, 'slate and backup are ready', (i) => i.slateReady === true && i.backupReady?.ok === true)
  const players = mediamtx ? await startPlayers(mediamtx) : null
  const connections = { rtmp: [] as string[][], srt: [] as string[][] }
  await udp.more(1_500)
  // What starts on a busy machine may skip pictures; from here on nothing does.
  udp.reset()

  async function cut(to: string, cause: () => unknown): Promise<Cut> {
    it.longestGapsMs()
    it.stalledMs()
    const told = stage.told('input.switched', (change) => change.to === to)
    await cause()
    const { reason, gapMs } = await told
    // A second and more of what is on air now: a still picture brings few packets.
    await udp.more(to === 'main' || to === 'backup' ? 600 : 150)
    if (mediamtx) {
      connections.rtmp.push(await mediamtx.publishers('rtmpconns', RTMP_PATH))
      connections.srt.push(await mediamtx.publishers('srtconns', SRT_PATH))
    }
    return { to, reason, gapMs, silenceMs: it.longestGapsMs(), stalledMs: it.stalledMs() }
  }

  const by = (to: 'slate' | 'backup' | 'freeze' | 'auto') => () =>
    stage.supervisor.switch({ inputId: 21, to, when: 'keyframe' })
  const planned = [await cut('slate', by('slate')), await cut('main', by('auto'))]
  planned.push(await cut('backup', by('backup')), await cut('main', by('auto')))
  const plannedFile = udp.save(join(tempDir('planned'), 'planned.ts'))
  planned.push(await cut('freeze', by('freeze')), await cut('main', by('auto')))

  const losses: Cut[] = []
  for (const [n, onLoss] of (['slate', 'freeze', 'backup'] as const).entries()) {
    stage.want({ ...it.spec, onLoss })
    losses.push(await cut(onLoss, () => main.kill('SIGKILL')))
    const again = async () => {
      main = await startFeed(port, { otherEncoder: n % 2 === 0 })
    }
    losses.push(await cut('main', again))
  }

  const played = players && (await players.end())
  const files = await it.finish(pids)
  await Promise.all([main.stop(), backup.stop()])
  return {
    ...{ planned, losses, plannedFile },
    flv: files.find((path) => path.endsWith('.flv')) ?? null,
    mediamtx: played && { ...connections, ...played },
  }
}

function targets({ rtmp, srt }: Mediamtx): OutputTarget[] {
  const host = '127.0.0.1'
  return [
    {
      ...{ protocol: 'rtmp', tls: false, tlsVerify: true, host, port: rtmp, app: 'live' },
      ...{ streamKey: 'show', username: null, password: null },
    },
    {
      ...{ protocol: 'srt_caller', host, port: srt, latencyMs: 200, pktSize: 1316, passphrase: null },
      streamId: `publish:${SRT_PATH}`,
    },
  ]
}

async function startPlayers(from: Mediamtx) {
  await Promise.all([from.ready(RTMP_PATH), from.ready(SRT_PATH)])
  const [byRtmp, bySrt] = await Promise.all([from.play(RTMP_PATH), from.play(SRT_PATH)])
  const raw = HAVE.srt ? startSrtReceiver({ port: from.srt, streamId: `read:${SRT_PATH}` }) : null
  await raw?.received(1)
  return {
    async end() {
      // What is on air last is there too.
      await Promise.all([byRtmp.received(300_000), bySrt.received(300_000)])
      const [playedRtmp, playedSrt] = await Promise.all([byRtmp.end(), bySrt.end()])
      await raw?.program.stop()
      return { playedRtmp, playedSrt, rawSrt: raw?.path ?? playedSrt }
    },
  }
}

/** Steps from picture to picture as a player is told them, in milliseconds. */
async function pictureSteps(path: string): Promise<number[]> {
  const what = ['-select_streams', 'v:0', '-show_entries', 'packet=dts_time', '-of', 'csv=p=0']
  const child = Bun.spawn(['ffprobe', '-v', 'error', ...what, path], { stdout: 'pipe', stderr: 'ignore' })
  const lines = (await new Response(child.stdout).text()).split('\n')
  // What was cut off by the end of the file has no time.
  const times = lines.map(Number.parseFloat).filter(Number.isFinite)
  return times.slice(1).map((time, i) => (time - (times[i] as number)) * 1_000)
}

test(
  'a loss is silent for no longer than its limit and half a second, a planned cut leaves a gap of 250 ms at most',
  async () => {
    const { planned, losses, plannedFile } = await show()
    for (const { reason } of planned) expect(reason).toBe('manual')
    expect(losses.map(({ to, reason }) => `${to} ${reason}`)).toEqual([
      ...['slate lost', 'main returned', 'freeze lost', 'main returned', 'backup lost', 'main returned'],
    ])
    for (const { to, gapMs } of planned.slice(0, 4))
      expect({ to, isSmall: gapMs <= 250 }).toEqual({ to, isSmall: true })
    expect(Math.max(...(await pictureSteps(plannedFile)))).toBeLessThanOrEqual(250)
    for (const cut of [...planned, ...losses])
      for (const ms of Object.values(cut.silenceMs))
        expect(ms, JSON.stringify(cut)).toBeLessThanOrEqual(LOSS_MS + 500 + cut.stalledMs)
  },
  SLOW_MS,
)

describe.skipIf(!HAVE_MEDIAMTX)('MediaMTX (in the PATH or at MEDIAMTX_PATH)', () => {
  test.concurrent(
    'keeps one RTMP and one SRT connection through every cut, and what it gives decodes whole',
    async () => {
      const { mediamtx: found } = await show()
      if (!found) throw new Error('MediaMTX saw nothing of it')
      for (const ids of [found.rtmp, found.srt]) {
        expect(ids[0]).toHaveLength(1)
        expect(new Set(ids.map(String)).size).toBe(1)
      }
      const counter = createContinuityCounter()
      const raw = await Bun.file(found.rawSrt).bytes()
      counter.push(raw.subarray(0, raw.length - (raw.length % 188)))
      if (HAVE.srt) expect(counter.errors()).toEqual(new Map())
      for (const path of [found.playedRtmp, found.playedSrt]) {
        const media = await checkMedia(path)
        expect({ path, errors: media.decodeErrors }).toEqual({ path, errors: [] })
        expect(media.videoFrames).toBeGreaterThan(200)
      }
    },
    SLOW_MS,
  )
})

describe.skipIf(!HAVE_BROWSER)('a browser', () => {
  test.concurrent(
    'plays what was recorded by RTMP from beginning to end',
    async () => {
      const { flv } = await show()
      if (!flv) throw new Error('nothing was recorded')
      const { videoFrames, durationSeconds } = await checkMedia(flv)
      const played: Played = await playInBrowser(flv, 3)
      expect(played).toMatchObject({ errors: [], stalls: 0, holes: 0, corrupted: 0 })
      expect(played.at).toBeGreaterThan(durationSeconds - 0.5)
      // Chromium may leave out the last ones.
      expect(played.frames).toBeGreaterThan(videoFrames * 0.95)
      expect(new Set(played.sizes)).toEqual(new Set(['1280x720', '854x480']))
    },
    SLOW_MS,
  )
})
