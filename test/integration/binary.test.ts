import { beforeAll, describe, expect, test } from 'bun:test'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import manifest from '../../package.json' with { type: 'json' }
import { runWeir } from '../support/command.ts'
import { HAVE } from '../support/peers.ts'
import { CORNERS, corners, distance, readCorners } from '../support/pictures.ts'
import { freeTcpPort, freeUdpPort, portRange } from '../support/ports.ts'
import { processesWith } from '../support/processes.ts'
import { BUILT } from '../support/program.ts'
import { startSrtPublisher } from '../support/srt-peers.ts'
import { openRawPublisher, toPublish } from '../support/rtmp-wire.ts'
import { tempDir } from '../support/temp.ts'
import { openUdpReceiver } from '../support/udp-receiver.ts'
import { eventually } from '../support/waiting.ts'
import { ROOT } from '../support/weir.ts'

const KEY = 'binary-test-key-0123456789'
const binary = BUILT ?? join(tempDir('binary'), 'weir')

beforeAll(async () => {
  if (BUILT) return
  const build = await runWeir([binary], {}, [process.execPath, join(ROOT, 'build.ts')])
  if (build.code !== 0) throw new Error(build.stderr)
}, 60_000)

/** The binary in a folder that has nothing else in it. */
async function startBinary(env: Record<string, string> = {}) {
  const cwd = tempDir('empty')
  const port = await freeTcpPort()
  const udpFirst = portRange(10)
  const settings = {
    PATH: process.env['PATH'] ?? '',
    HOME: cwd,
    HOST: '127.0.0.1',
    PORT: String(port),
    API_KEY: KEY,
    UDP_PORT_RANGE_START: String(udpFirst),
    UDP_PORT_RANGE_END: String(udpFirst + 9),
    ...env,
  }
  const child = Bun.spawn(['setpriv', '--pdeathsig', 'KILL', '--', binary], {
    cwd,
    env: settings,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const errors = child.stderr.text()
  const url = `http://127.0.0.1:${port}`
  const isReady = () =>
    fetch(`${url}/readyz`).then(
      (answer) => answer.ok,
      () => child.exitCode !== null,
    )
  await eventually(30_000, 'the binary is ready', isReady)
  if (child.exitCode !== null) throw new Error(await errors)
  return {
    cwd,
    url,
    get: async (path: string) => (await fetch(url + path, { headers: { 'x-api-key': KEY } })).json() as never,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      expect(await child.exited).toBe(0)
    },
  }
}

describe('one binary', () => {
  test('tells its version', async () => {
    expect(await runWeir(['version'], {}, [binary])).toMatchObject({ code: 0, stdout: `${manifest.version}\n` })
  })

  test('serves from an empty folder: page, files, database, API', async () => {
    await using weir = await startBinary()
    const html = await (await fetch(`${weir.url}/login`)).text()
    const css = /href="(\/static\/app[^"]+)"/.exec(html)?.[1] ?? ''
    expect(await (await fetch(weir.url + css)).text()).toBe(await Bun.file(join(ROOT, 'static/app.css')).text())
    expect(await weir.get('/api/health')).toMatchObject({ status: 'ok', version: manifest.version })
    expect(readdirSync(weir.cwd).sort()).toEqual(['.cache', 'data'])
    expect(existsSync(join(weir.cwd, 'data/weir.db'))).toBe(true)
  })

  test('its worker starts, takes a feed and sends it on', async () => {
    await using weir = await startBinary()
    await using receiver = await openUdpReceiver({ record: false })
    const create = async (path: string, body: object) => {
      const answer = await fetch(`${weir.url}${path}`, {
        method: 'POST',
        headers: { 'x-api-key': KEY, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      expect(answer.status).toBe(201)
    }
    await create('/api/inputs', { name: 'Bars', kind: 'test' })
    await create('/api/inputs/1/outputs', { name: 'Here', url: `udp://127.0.0.1:${receiver.port}` })
    const active = async () => ((await weir.get('/api/inputs/1')) as { status: string }).status === 'active'
    await eventually(20_000, 'the test input is active', active)
    expect(await weir.get('/api/system/status')).toMatchObject({ workers: [{ state: 'ready', inputs: [1] }] })
    await receiver.more(500, 30_000)
    expect(receiver.errors()).toEqual(new Map())
  }, 60_000)

  test.skipIf(!HAVE.srt)(
    'its SRT door is the binary once more, and takes a publisher',
    async () => {
      await using weir = await startBinary()
      const srt_port = await freeUdpPort()
      const answer = await fetch(`${weir.url}/api/inputs`, {
        method: 'POST',
        headers: { 'x-api-key': KEY, 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'Camera', kind: 'srt_listener', bind_address: '127.0.0.1', srt_port }),
      })
      const { publish_key } = (await answer.json()) as { publish_key: string }
      const status = async () => ((await weir.get('/api/inputs/1')) as { status: string }).status
      await eventually(20_000, 'the input listens', async () => (await status()) === 'inactive')
      await using _publisher = await startSrtPublisher({ port: srt_port, streamId: publish_key })
      await eventually(20_000, 'the feed is there', async () => (await status()) === 'active')
      const instance = (await Bun.file(join(weir.cwd, 'data/instance')).text()).trim()
      const commands = processesWith(`WEIR_CHILD=${instance}`).map(({ command }) => command)
      expect(commands).toEqual([`${binary} srt-door`])
    },
    60_000,
  )

  test('its doors open: a publisher is let in', async () => {
    const rtmpPort = await freeTcpPort()
    await using weir = await startBinary({ RTMP_HOST: '127.0.0.1', RTMP_PORT: String(rtmpPort) })
    const made = await fetch(`${weir.url}/api/inputs`, {
      method: 'POST',
      headers: { 'x-api-key': KEY, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Stage', kind: 'rtmp' }),
    })
    const { publish_key: key } = (await made.json()) as { publish_key: string }
    const isOpen = async () => ((await weir.get('/api/inputs/1')) as { status: string }).status === 'inactive'
    await eventually(20_000, 'the door is open', isOpen)
    const publisher = await openRawPublisher(rtmpPort)
    publisher.write(toPublish('live', key))
    await publisher.statusIs('NetStream.Publish.Start')
    publisher.end()
  }, 60_000)

  test('a .env in the working directory is not read', async () => {
    const cwd = tempDir('dotenv')
    await Bun.write(join(cwd, '.env'), 'PORT=nonsense\n')
    const run = Bun.spawn([binary, 'migrate'], { cwd, env: { HOME: cwd }, stdio: ['ignore', 'pipe', 'pipe'] })
    expect(await run.exited).toBe(0)
  })
})

describe('the database engine inside', () => {
  test('is unpacked once, for its owner alone, and used again', async () => {
    const dir = tempDir('cache')
    const env = { CACHE_DIRECTORY: join(dir, 'weir'), DATA_DIR: join(dir, 'data') }
    expect((await runWeir(['migrate'], env, [binary])).code).toBe(0)
    const [name = ''] = readdirSync(env.CACHE_DIRECTORY)
    const file = join(env.CACHE_DIRECTORY, name)
    expect(readdirSync(env.CACHE_DIRECTORY)).toHaveLength(1)
    expect([statSync(file).mode & 0o777, statSync(env.CACHE_DIRECTORY).mode & 0o777]).toEqual([0o500, 0o700])
    const before = statSync(file).ino
    expect((await runWeir(['migrate'], env, [binary])).code).toBe(0)
    expect(statSync(file).ino).toBe(before)
  })

  test('a cache that cannot be used is no hindrance', async () => {
    const dir = tempDir('cache')
    await Bun.write(join(dir, 'file'), '')
    const env = { CACHE_DIRECTORY: join(dir, 'file', 'weir'), DATA_DIR: join(dir, 'data') }
    expect((await runWeir(['migrate'], env, [binary])).code).toBe(0)
  })
})

describe('the decoder of pictures inside', () => {
  /** One job for `weir imaging`, as the server gives it. */
  async function ingest(cacheDir: string) {
    const dir = tempDir('picture')
    await Bun.write(join(dir, 'upload'), await corners(900, 600).jpeg().toBuffer())
    const job = { kind: 'ingest', sourcePath: join(dir, 'upload'), outDir: dir }
    const run = Bun.spawn(['setpriv', '--pdeathsig', 'KILL', '--', binary, 'imaging'], {
      cwd: '/',
      env: { PATH: process.env['PATH'] ?? '', HOME: '/', CACHE_DIRECTORY: cacheDir },
      stdio: [new Blob([`${JSON.stringify({ id: 1, job })}\n`]), 'pipe', 'pipe'],
    })
    const [output, errors] = await Promise.all([run.stdout.text(), run.stderr.text(), run.exited])
    expect([run.exitCode, errors]).toEqual([0, ''])
    const messages = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(messages).toMatchObject([
      { t: 'ready' },
      { t: 'done', id: 1, result: { ingested: { width: 900, height: 600 } } },
    ])
    expect(
      distance((await readCorners(await readFile(join(dir, 'small.webp')))).lowerLeft, CORNERS.lowerLeft),
    ).toBeLessThan(12)
  }

  test('is unpacked once and makes a picture', async () => {
    const cacheDir = join(tempDir('cache'), 'weir')
    await ingest(cacheDir)
    const files = () =>
      (readdirSync(cacheDir, { recursive: true }) as string[]).filter((name) => /\.(node|so[.\d]*)$/.test(name))
    const before = files().map((name) => statSync(join(cacheDir, name)).ino)
    expect(before).toHaveLength(2)
    for (const name of files()) expect(statSync(join(cacheDir, name)).mode & 0o777).toBe(0o500)
    await ingest(cacheDir)
    expect(files().map((name) => statSync(join(cacheDir, name)).ino)).toEqual(before)
  }, 60_000)

  test('does with a private temporary file where the cache cannot be used', async () => {
    const dir = tempDir('cache')
    await Bun.write(join(dir, 'file'), '')
    await ingest(join(dir, 'file', 'weir'))
  }, 60_000)
})
