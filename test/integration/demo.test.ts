import { expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { runWeir } from '../support/command.ts'
import { freeTcpPort } from '../support/ports.ts'
import { collectLines, processesWith } from '../support/processes.ts'
import { PROGRAM } from '../support/program.ts'
import type { Output } from '../support/resources.ts'
import { followEvents } from '../support/sse-client.ts'
import { tempDir } from '../support/temp.ts'
import { eventually, within } from '../support/waiting.ts'

/** The demo as a newcomer starts it; `lines` is what the terminal shows. */
async function startDemo(port: number) {
  const cwd = tempDir('newcomer')
  const child = Bun.spawn(['setpriv', '--pdeathsig', 'KILL', '--', ...PROGRAM, '--demo'], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', HOST: '127.0.0.1', PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  const drained = [child.stdout, child.stderr].map((stream) => collectLines(stream, (line) => lines.push(line)))
  await eventually(15_000, 'the demo greets', () => lines.length >= 2)
  const [, url = '', keyFile = ''] = /ready at (\S+) - API key \S+ \(kept in (.+)\)/.exec(lines[0] ?? '') ?? []
  return {
    cwd,
    lines,
    url,
    dir: dirname(keyFile),
    headers: { 'x-api-key': readFileSync(keyFile, 'utf8').trim() },
    marker: `WEIR_CHILD=${readFileSync(join(dirname(keyFile), 'instance'), 'utf8').trim()}`,
    async end(signal: NodeJS.Signals) {
      child.kill(signal)
      const code = await within(10_000, 'the demo ends', child.exited)
      await Promise.all(drained)
      return code
    },
  }
}

test(
  'within 30 seconds: outputs run, one falls and comes back; afterwards nothing is left',
  async () => {
    const demo = await startDemo(await freeTcpPort())
    try {
      const began = performance.now()
      await using events = await followEvents(`${demo.url}/api/events`, demo.headers)
      const seen = new Map<string, string[]>()
      const { promise: told, resolve } = Promise.withResolvers<void>()
      const off = events.on(({ name, data }) => {
        if (name !== 'output.changed') return
        const output = data as Output
        const states = seen.get(output.name) ?? []
        if (states.at(-1) !== output.status) seen.set(output.name, [...states, output.status])
        const running = [...seen.values()].filter((states) => states.at(-1) === 'running').length
        const recovered = [...seen.values()].some((states) => /running.*reconnecting.*running$/.test(states.join(' ')))
        if (running >= 4 && recovered) resolve()
      })
      try {
        await within(40_000, 'outputs run and one recovers', told)
      } finally {
        off()
      }
      expect(performance.now() - began).toBeLessThan(30_000)
      const outputs = (await (
        await fetch(`${demo.url}/api/inputs/1/outputs`, { headers: demo.headers })
      ).json()) as Output[]
      expect(outputs.filter((output) => output.reconnect_count > 0)).toHaveLength(1)
      expect(outputs.filter((output) => (output.stats.bitrate_kbps ?? 0) > 0).length).toBeGreaterThanOrEqual(3)
      expect(demo.lines).toHaveLength(2)
      expect(demo.lines[1]).toContain(`${demo.url}/login?token=`)
      expect(processesWith(demo.marker).length).toBeGreaterThan(5)
    } finally {
      expect(await demo.end('SIGTERM')).toBe(0)
    }
    await eventually(2000, 'no child is left', () => processesWith(demo.marker).length === 0)
    expect([existsSync(demo.dir), existsSync(join(demo.cwd, 'data'))]).toEqual([false, false])
  },
  { timeout: 90_000 },
)

test('where the port is taken it takes another; Ctrl-C ends it, twice at once too', async () => {
  using taken = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response('mine') })
  const demo = await startDemo(taken.port ?? 0)
  expect(demo.url).not.toContain(`:${taken.port}`)
  expect((await fetch(`${demo.url}/readyz`)).status).toBe(200)
  const ended = demo.end('SIGINT')
  await demo.end('SIGINT')
  await ended
  await eventually(2000, 'no child is left', () => processesWith(demo.marker).length === 0)
  expect(existsSync(demo.dir)).toBe(false)
})

test('without FFmpeg it says what is missing', async () => {
  const env = { HOST: '127.0.0.1', PORT: '0', FFMPEG_PATH: '/nowhere/ffmpeg' }
  const run = await runWeir(['serve', '--demo'], env)
  expect(run.code).toBe(1)
  expect(run.stderr).toContain('FFmpeg is not installed')
  const dir = /kept in (\S+)\/api-key/.exec(run.stdout)?.[1] ?? ''
  expect([dir === '', existsSync(dir)]).toEqual([false, false])
})
