import { describe, expect, test } from 'bun:test'
import { readdirSync } from 'node:fs'
import { FIRST_VARIANTS, type Variant } from '../../src/imaging/protocol.ts'
import { type ImagingStage, openImaging, readMade, refusalOf } from '../support/imaging.ts'
import { corners, photo } from '../support/pictures.ts'
import { memoryBytes, processesWith } from '../support/processes.ts'
import { eventually } from '../support/waiting.ts'

const LONG_MS = 60_000
/** Keeps the child busy for a second and more. */
const SLOW: Variant = 'full.avif'
const large = photo(2_400, 1_800)

/** The child that is at work on this attempt. */
function running({ client }: ImagingStage, attempt = 1): Promise<number> {
  return eventually(LONG_MS, `attempt ${attempt} runs`, () => {
    const now = client.status().running
    return now?.attempt === attempt ? now.pid : null
  })
}

const childrenOf = (stage: ImagingStage) => processesWith(`WEIR_CHILD=${stage.instance}`)

describe('the child', () => {
  test.concurrent(
    'is the program once more, bound to us, with few threads and nothing of our environment',
    async () => {
      process.env['IMAGING_TEST_SECRET'] = 'visible'
      await using stage = openImaging()
      await stage.client.ingest(stage.put(await corners().jpeg().toBuffer()))
      const [child, ...others] = childrenOf(stage)
      expect(others).toEqual([])
      expect(child?.command).toEndWith('main.ts imaging')
      const names = (child?.environ ?? '').split('\0').map((entry) => entry.split('=')[0])
      expect(names.filter(Boolean).sort()).toEqual(
        ['CACHE_DIRECTORY', 'HOME', 'LANG', 'MALLOC_ARENA_MAX', 'PATH', 'UV_THREADPOOL_SIZE', 'WEIR_CHILD'].sort(),
      )
      expect(await Bun.file(`/proc/${child?.pid}/oom_score_adj`).text()).toBe('700\n')
    },
    LONG_MS,
  )

  test.concurrent(
    'is there from the first job on, and leaves when it has had none for a while',
    async () => {
      await using stage = openImaging({ limits: { idleMs: 300 } })
      expect(childrenOf(stage)).toEqual([])
      const picture = stage.put(await corners().jpeg().toBuffer())
      await stage.client.ingest(picture)
      expect(childrenOf(stage)).toHaveLength(1)
      await eventually(LONG_MS, 'it has left', () => childrenOf(stage).length === 0)
      expect(stage.lines.filter((line) => line.includes('ended'))).toEqual([])
      await stage.client.ingest(picture)
    },
    LONG_MS,
  )

  test.concurrent(
    'makes room for a fresh one after many jobs, and when it has grown',
    async () => {
      for (const { rounds, ...recycle } of [
        { rounds: 4, jobs: 2, memoryBytes: 1024 ** 3 },
        { rounds: 2, jobs: 1_000, memoryBytes: 1024 ** 2 },
      ]) {
        await using stage = openImaging({ limits: { recycle } })
        const pids = new Set<number>()
        const picture = stage.put(await corners().jpeg().toBuffer())
        for (let round = 0; round < rounds; round++) {
          const made = stage.client.ingest(picture)
          pids.add(await running(stage))
          await made
        }
        expect(pids.size).toBe(2)
      }
    },
    LONG_MS,
  )

  test.concurrent(
    'goes with a server that stops, in the middle of a job',
    async () => {
      const stage = openImaging()
      const made = refusalOf(stage.client.variantOnce({ ...stage.put(await large), name: SLOW }))
      await running(stage)
      await stage.client.close()
      expect(await made).toBe('image.unavailable')
      expect(childrenOf(stage)).toEqual([])
      expect(await refusalOf(stage.client.ingest(stage.put(await large)))).toBe('image.unavailable')
    },
    LONG_MS,
  )
})

describe('a picture that ends the child', () => {
  test.concurrent(
    'by SIGSEGV is tried once more, and made',
    async () => {
      await using stage = openImaging()
      const picture = stage.put(await large)
      const made = stage.client.variantOnce({ ...picture, name: SLOW })
      process.kill(await running(stage), 'SIGSEGV')
      expect(await made).toMatchObject({ name: SLOW })
      expect(readdirSync(picture.outDir)).toEqual([SLOW])
    },
    LONG_MS,
  )

  test.concurrent(
    'twice is refused, and not tried a third time under any name, while others are made',
    async () => {
      await using stage = openImaging()
      const picture = stage.put(await large)
      const other = stage.put(await corners().jpeg().toBuffer())
      const made = refusalOf(stage.client.variantOnce({ ...picture, name: SLOW }))
      const behind = stage.client.ingest(other)
      for (const attempt of [1, 2]) process.kill(await running(stage, attempt), 'SIGSEGV')
      expect(await made).toBe('image.failed')
      expect((await behind).files).toHaveLength(FIRST_VARIANTS.length)
      const pid = childrenOf(stage)[0]?.pid
      const again = stage.put(await large, 'another name')
      expect(await refusalOf(stage.client.ingest(again))).toBe('image.failed')
      expect(childrenOf(stage)[0]?.pid).toBe(pid as number)
      expect(readdirSync(picture.outDir).filter((name) => !name.endsWith('.part'))).toEqual([])
    },
    LONG_MS,
  )

  test.concurrent(
    'by hanging is ended at its deadline, and made by the next child',
    async () => {
      await using stage = openImaging({ limits: { deadlineMs: 10_000 } })
      await stage.client.ingest(stage.put(await corners().jpeg().toBuffer()))
      // Stopped before the job comes, so that no machine is quick enough to have done it.
      const stopped = childrenOf(stage)[0]?.pid as number
      process.kill(stopped, 'SIGSTOP')
      const made = stage.client.variantOnce({ ...stage.put(await large), name: 'thumb.jpg' })
      expect(await made).toMatchObject({ name: 'thumb.jpg' })
      expect(stage.lines.some((line) => line.includes('takes too long'))).toBe(true)
      expect(childrenOf(stage).map((child) => child.pid)).not.toContain(stopped)
    },
    LONG_MS,
  )

  test.concurrent(
    'by swelling is ended before it takes the machine',
    async () => {
      await using stage = openImaging({ limits: { maxMemoryBytes: 60 * 1024 ** 2 } })
      const made = refusalOf(stage.client.variantOnce({ ...stage.put(await large), name: SLOW }))
      expect(await made).toBe('image.failed')
      expect(stage.lines.some((line) => line.includes('takes too much memory'))).toBe(true)
    },
    LONG_MS,
  )
})

describe('the worker thread', () => {
  test.concurrent(
    'dies in the middle of a job: the job is done by the next, and no child is left over',
    async () => {
      await using stage = openImaging()
      const picture = stage.put(await large)
      const waiting = [
        stage.put(await corners().jpeg().toBuffer()),
        stage.put(await corners(300, 200).png().toBuffer()),
      ]
      const made = stage.client.variantOnce({ ...picture, name: SLOW })
      const others = waiting.map((one) => stage.client.ingest(one))
      const pid = await running(stage)
      stage.client.crash()
      expect(await made).toMatchObject({ name: SLOW })
      for (const answer of await Promise.all(others)) expect(answer.files).toHaveLength(FIRST_VARIANTS.length)
      expect(stage.client.status()).toMatchObject({ restarts: 1, pending: { ingest: 0, variant: 0, background: 0 } })
      expect(childrenOf(stage).map((child) => child.pid)).not.toContain(pid)
      expect(childrenOf(stage)).toHaveLength(1)
    },
    LONG_MS,
  )
})

test.concurrent(
  'a worker that dies again and again keeps nobody waiting',
  async () => {
    await using stage = openImaging({ workerUrl: 'data:text/javascript,process.exit(1)' })
    expect(await refusalOf(stage.client.ingest(stage.put(await large)))).toBe('image.unavailable')
    expect(stage.client.status().pending.ingest).toBe(0)
  },
  LONG_MS,
)

describe('many at once', () => {
  test('100 uploads: all are made, one at a time, in bounded memory', async () => {
    await using stage = openImaging()
    // All of them at once would be 225 MB of pixels.
    const bytes = await photo(1_000, 750)
    const pictures = Array.from({ length: 100 }, () => stage.put(bytes))
    let peak = 0
    const watch = setInterval(() => {
      expect(childrenOf(stage).length).toBeLessThanOrEqual(1)
      const pid = stage.client.status().running?.pid
      if (pid) peak = Math.max(peak, memoryBytes(pid).anonymous)
    }, 100)
    const answers = await Promise.all(pictures.map((picture) => stage.client.ingest(picture)))
    clearInterval(watch)
    for (const { files } of answers) expect(files).toHaveLength(FIRST_VARIANTS.length)
    for (const picture of pictures) expect(readdirSync(picture.outDir).sort()).toEqual([...FIRST_VARIANTS].sort())
    expect(peak).toBeWithin(1, 200 * 1024 ** 2)
  }, 180_000)

  test.concurrent(
    'more than may wait are told to come back, and those that wait are made',
    async () => {
      await using stage = openImaging({ maxWaiting: 5 })
      const picture = stage.put(await corners().jpeg().toBuffer())
      const outcomes = await Promise.allSettled(Array.from({ length: 12 }, () => stage.client.ingest(picture)))
      const refused = outcomes.filter((one) => one.status === 'rejected')
      expect(refused).toHaveLength(7)
      for (const { reason } of refused)
        expect(reason).toMatchObject({ code: 'image.busy', status: 503, retryAfterSeconds: 5 })
      await stage.client.ingest(picture)
    },
    LONG_MS,
  )

  test.concurrent(
    'who has waited too long is told to come back',
    async () => {
      await using stage = openImaging({ limits: { waitLimitMs: 200 } })
      const slow = stage.client.variantOnce({ ...stage.put(await large), name: SLOW })
      await running(stage)
      const late = refusalOf(stage.client.ingest(stage.put(await corners().jpeg().toBuffer())))
      expect(await late).toBe('image.busy')
      await slow
    },
    LONG_MS,
  )

  test.concurrent(
    '1,000 that ask for one file cost one decode',
    async () => {
      await using stage = openImaging()
      const picture = stage.put(await large)
      const asked = Array.from({ length: 1_000 }, () => stage.client.variantOnce({ ...picture, name: 'small.jpg' }))
      expect(stage.client.status().pending.variant).toBe(1)
      const made = await Promise.all(asked)
      expect(new Set(made).size).toBe(1)
      expect(made[0]?.sizeBytes).toBe((await readMade(picture, 'small.jpg')).length)
    },
    LONG_MS,
  )

  test.concurrent(
    'uploads go before the background, between two of its parts',
    async () => {
      await using stage = openImaging()
      const order: string[] = []
      const first = stage.put(await photo(1_600, 1_200))
      await stage.client.ingest(first)
      const background = stage.client.background(first).then(() => order.push('background'))
      await running(stage)
      const uploads = Array.from({ length: 3 }, async (_, i) => {
        await stage.client.ingest(
          stage.put(
            await corners(100 + i, 100)
              .jpeg()
              .toBuffer(),
          ),
        )
        order.push('upload')
      })
      await Promise.all([background, ...uploads])
      expect(order).toEqual(['upload', 'upload', 'upload', 'background'])
    },
    LONG_MS,
  )
})

test.concurrent(
  'a full disk is told as such, leaves nothing half, and the picture can come again',
  async () => {
    await using stage = openImaging()
    await stage.client.ingest(stage.put(await corners().jpeg().toBuffer()))
    const [child] = childrenOf(stage)
    const picture = stage.put(await large)
    const limit = (bytes: string) => Bun.spawnSync(['prlimit', '--pid', `${child?.pid}`, `--fsize=${bytes}`]).exitCode
    // As on a disk with room for 2,000 bytes more: EFBIG in place of ENOSPC.
    expect(limit('2000:unlimited')).toBe(0)
    expect(await refusalOf(stage.client.ingest(picture))).toBe('image.disk_full')
    expect(readdirSync(picture.outDir).filter((name) => name.endsWith('.part'))).toEqual([])
    expect(limit('unlimited')).toBe(0)
    await stage.client.ingest(picture)
    expect(childrenOf(stage).map(({ pid }) => pid)).toEqual([child?.pid as number])
  },
  LONG_MS,
)

test.concurrent(
  'a directory that is gone is told as a fault of ours, and the picture can come again',
  async () => {
    await using stage = openImaging()
    const picture = stage.put(await corners().jpeg().toBuffer())
    expect(await refusalOf(stage.client.ingest({ ...picture, outDir: `${picture.outDir}/gone` }))).toBe(
      'image.unavailable',
    )
    expect(stage.lines.some((line) => line.includes('ENOENT'))).toBe(true)
    await stage.client.ingest(picture)
  },
  LONG_MS,
)
