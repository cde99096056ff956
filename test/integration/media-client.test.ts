import { afterEach, describe, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import type { AppError } from '../../src/errors.ts'
import { type Clock, systemClock } from '../../src/lib/clock.ts'
import type { Log } from '../../src/lib/log.ts'
import { createMediaClient, type MediaClient } from '../../src/media/client.ts'
import type { OutputActual } from '../../src/media/actual.ts'
import type { MediaEvent } from '../../src/media/protocol.ts'
import type { InputSpec, OutputSpec } from '../../src/media/specs.ts'

/** The real worker threads with the real FFmpeg, driven as the rest of Weir drives them. */
const quiet: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => quiet,
}

const opened: MediaClient[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((client) => client.close()))
})

function open(clock: Clock = systemClock, maxWorkers = 1) {
  const client = createMediaClient({
    workerUrl: new URL('../../src/media/worker.ts', import.meta.url).href,
    doorsUrl: new URL('../../src/media/doors/worker.ts', import.meta.url).href,
    rtmp: null,
    maxWorkers,
    cores: 2,
    instance: crypto.randomUUID(),
    ffmpegPath: 'ffmpeg',
    ringMaxBytes: 8 * 1024 * 1024,
    caFile: null,
    denyPrivate: false,
    runDir: '/nowhere',
    clock,
    log: quiet,
  })
  opened.push(client)
  const seen: MediaEvent[] = []
  const waiting = new Set<() => void>()
  client.on((event) => {
    seen.push(event)
    for (const check of waiting) check()
  })
  type Data<N extends MediaEvent['name']> = Extract<MediaEvent, { name: N }>['data']
  /** The first event from `from` on that fits; the deadline is ten times what it takes. */
  function event<N extends MediaEvent['name']>(
    name: N,
    fits: (data: Data<N>) => boolean = () => true,
    from = 0,
  ): Promise<Data<N>> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer)
        waiting.delete(find)
      }
      const find = () => {
        const hit = seen.slice(from).find((each) => each.name === name && fits(each.data as Data<N>))
        if (!hit) return
        settle()
        resolve(hit.data as never)
      }
      const timer = setTimeout(() => {
        settle()
        reject(new Error(`no ${name} in time`))
      }, 20_000)
      waiting.add(find)
      find()
    })
  }
  return { client, seen, event }
}

const output = (id: number, inputId = 1, change: Partial<OutputSpec> = {}): OutputSpec => ({
  id,
  inputId,
  name: `output ${id}`,
  enabled: true,
  generation: 0,
  target: {
    protocol: 'udp',
    host: '127.0.0.1',
    port: 20_000 + id,
    ttl: null,
    interfaceAddress: null,
    pktSize: 1316,
  },
  engine: 'ffmpeg',
  transparent: false,
  audio: 'auto',
  video: 'copy',
  reconnect: { auto: true, delayMs: 200, maxDelayMs: 1000, maxAttempts: 0 },
  stallTimeoutMs: 10_000,
  ...change,
})
const input = (outputs: OutputSpec[], change: Partial<InputSpec> = {}): InputSpec => ({
  id: 1,
  name: 'bars',
  enabled: true,
  generation: 0,
  source: { kind: 'test' },
  program: null,
  lossMs: 1000,
  onLoss: 'hold',
  returns: 'auto',
  returnAfterMs: 1000,
  maxFillMinutes: 0,
  backupInputId: null,
  slate: null,
  choice: null,
  outputs,
  ...change,
})
const running = (id: number) => (actual: OutputActual) => actual.id === id && actual.status === 'running'

describe('media client', () => {
  test('an edit restarts its own output alone; a name and a repeated list restart none', async () => {
    const { client, event, seen } = open()
    await client.reconcile(1, [input([output(1), output(2)])])
    const first = await event('output.state', running(1))
    const second = await event('output.state', running(2))
    const from = seen.length
    await client.reconcile(2, [input([output(1), output(2, 1, { name: 'renamed' })])])
    await client.reconcile(3, [input([output(1, 1, { generation: 1 }), output(2, 1, { name: 'renamed' })])])
    const again = await event('output.state', running(1), from)
    expect(again.processId).not.toBe(first.processId)
    expect(existsSync(`/proc/${second.processId}`)).toBe(true)
    expect(seen.slice(from).filter((each) => each.name === 'output.state' && each.data.id === 2)).toEqual([])
  })

  test('a list older than the present one changes nothing', async () => {
    const { client, event, seen } = open()
    await client.reconcile(5, [input([output(1)])])
    await event('output.state', running(1))
    const from = seen.length
    await client.reconcile(4, [input([])])
    expect(seen.slice(from).some((each) => each.name === 'output.removed')).toBe(false)
  })

  test('what is deleted is gone when it is said to be gone', async () => {
    const { client, event } = open()
    await client.reconcile(1, [input([output(1), output(2)])])
    const { processId } = await event('output.state', running(1))
    const kept = await event('output.state', running(2))
    await client.reconcile(2, [input([output(2)])])
    await event('output.removed', ({ id }) => id === 1)
    expect(existsSync(`/proc/${processId}`)).toBe(false)
    expect(existsSync(`/proc/${kept.processId}`)).toBe(true)
    await client.reconcile(3, [])
    await event('input.removed')
    expect(existsSync(`/proc/${kept.processId}`)).toBe(false)
  })

  test('after the death of a worker its outputs are back, no old child is left, and the other worker never noticed', async () => {
    const { client, event, seen } = open(systemClock, 2)
    const other = input([output(2, 2)], { id: 2 })
    await client.reconcile(1, [input([output(1)]), other])
    const before = await event('output.state', running(1))
    const untouched = await event('output.state', running(2))
    const from = seen.length
    await client.fault({ kill: 'media:1' })
    const down = await event('worker.down', () => true, from)
    expect(down).toEqual({ index: 1, inputIds: [1], failed: false })
    const after = await event('output.state', running(1), from)
    expect(after.processId).not.toBe(before.processId)
    expect(existsSync(`/proc/${before.processId}`)).toBe(false)
    expect(seen.slice(from).some((each) => each.name === 'output.state' && each.data.id === 2)).toBe(false)
    expect(existsSync(`/proc/${untouched.processId}`)).toBe(true)
    expect(client.workers().map(({ index, state, restarts }) => ({ index, state, restarts }))).toEqual([
      { index: 1, state: 'ready', restarts: 1 },
      { index: 2, state: 'ready', restarts: 0 },
    ])
  }, 30_000)

  test('the fifth death in two minutes is the last; only another list tries again', async () => {
    const fast: Clock = { ...systemClock, after: (ms, fn) => systemClock.after(ms < 5000 ? ms / 50 : ms, fn) }
    const { client, event, seen } = open(fast)
    const list = [input([output(1, 1, { enabled: false })])]
    await client.reconcile(1, list)
    for (let death = 1; death <= 5; death++) {
      const from = seen.length
      await client.fault({ kill: 'media:1' })
      const { failed } = await event('worker.down', () => true, from)
      expect(failed).toBe(death === 5)
      if (!failed) await event('worker.up', () => true, from)
    }
    expect(client.workers()[0]?.state).toBe('failed')
    await client.reconcile(2, list)
    expect(client.workers()[0]?.state).toBe('failed')
    await expect(client.logs(1, 'input', 1)).rejects.toMatchObject({ code: 'media.unavailable' })
    const from = seen.length
    await client.reconcile(3, [input([], { generation: 1 })])
    await event('worker.up', () => true, from)
    expect(client.workers()[0]?.state).toBe('ready')
  }, 30_000)

  test('a worker without an input is ended, and the next input starts another', async () => {
    let retire: (() => void) | null = null
    const held: Clock = {
      ...systemClock,
      after(ms, fn) {
        if (ms !== 30_000) return systemClock.after(ms, fn)
        retire = fn
        return () => {
          retire = null
        }
      },
    }
    const { client, event, seen } = open(held)
    const off = [input([output(1, 1, { enabled: false })])]
    await client.reconcile(1, off)
    await client.reconcile(2, [])
    await client.reconcile(3, off)
    expect(retire).toBeNull()
    await client.reconcile(4, [])
    ;(retire as unknown as () => void)()
    const from = seen.length
    // Asked for while the old one is still leaving.
    await client.reconcile(5, off)
    await event('worker.up', () => true, from)
    expect(client.workers().map(({ state, restarts }) => ({ state, restarts }))).toEqual([
      { state: 'ready', restarts: 0 },
    ])
    expect(seen.some((each) => each.name === 'worker.down')).toBe(false)
  })

  test('nothing is started for inputs that are off: their logs are empty, and a destination is looked at all the same', async () => {
    const { client } = open()
    await client.reconcile(1, [input([output(1)], { enabled: false })])
    expect(client.workers()).toEqual([])
    expect(await client.logs(1, 'output', 1)).toEqual({ lines: [], exits: [] })
    expect(await client.preflight(1, output(1))).toMatchObject({ reached: { ok: true }, feed: null, uploadKbps: 0 })
    await expect(client.fault({ kill: 'media:9' })).rejects.toMatchObject({ code: 'fault.unknown' })
  })

  test('an input and its backup live in one worker: the one with fewer outputs moves, and nothing is told gone', async () => {
    const { client, event, seen } = open(systemClock, 2)
    const show = (backupInputId: number | null) => input([output(1)], { backupInputId, onLoss: 'backup' })
    const backup = input([], { id: 2 })
    await client.reconcile(1, [show(null), backup])
    const before = await event('output.state', running(1))
    await event('input.state', ({ id, status }) => id === 2 && status === 'active')
    const homes = () => client.workers().map(({ inputs }) => inputs)
    expect(homes()).toEqual([[1], [2]])
    const from = seen.length
    await client.reconcile(2, [show(2), backup])
    expect(homes()).toEqual([[1, 2], []])
    await event('input.state', ({ id, backupReady }) => id === 1 && backupReady?.ok === true, from)
    expect(existsSync(`/proc/${before.processId}`)).toBe(true)
    expect(await client.switch({ inputId: 1, to: 'backup', when: 'keyframe' })).toEqual({
      onAir: 'main',
      pending: 'backup',
    })
    const switched = await event('input.switched', ({ id }) => id === 1, from)
    expect(switched).toMatchObject({ from: 'main', to: 'backup', reason: 'manual' })
    const gone = (each: MediaEvent) => each.name === 'input.removed' || each.name === 'output.exited'
    expect(seen.slice(from).filter(gone)).toEqual([])
    await client.reconcile(3, [show(null), backup])
    expect(homes()).toEqual([[1, 2], []])
    await event('input.switched', ({ from: what }) => what === 'backup', from)
    // `rejects` of Bun's expect hears no worker while it waits.
    const refused = await client.switch({ inputId: 1, to: 'backup', when: 'now' }).catch((error: AppError) => error)
    expect(refused).toMatchObject({ kind: 'conflict', code: 'input.no_backup' })
  }, 30_000)

  test('a killed FFmpeg is described and comes back; logs tell the story', async () => {
    const { client, event, seen } = open()
    await client.reconcile(1, [input([output(1)])])
    await event('output.state', running(1))
    const from = seen.length
    await client.fault({ kill: 'output:1' })
    const { exit } = await event('output.exited', () => true, from)
    expect(exit).toMatchObject({ class: 'killed', signal: 'SIGKILL', next: 'retry' })
    const back = await event('output.state', running(1), from)
    expect(back).toMatchObject({ attempt: 1, reconnectCount: 1 })
    const { lines, exits } = await client.logs(1, 'output', 1)
    expect(exits).toHaveLength(1)
    expect(lines.map((line) => line.text).filter((text) => text.startsWith('running'))).toHaveLength(2)
    const probe = await client.probe(1)
    expect(probe.programs[0]?.tracks.map((track) => track.codec)).toEqual(['h264', 'aac'])
  }, 30_000)
})
