import { describe, expect, test } from 'bun:test'
import { existsSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { createClient } from '@libsql/client'
import manifest from '../../package.json' with { type: 'json' }
import { runWeir } from '../support/command.ts'
import { MIGRATIONS } from '../support/migrations.ts'
import { freeTcpPort } from '../support/ports.ts'
import { PROGRAM } from '../support/program.ts'
import { tempDir } from '../support/temp.ts'
import { eventually } from '../support/waiting.ts'
import { ROOT, startWeir, TEST_KEY } from '../support/weir.ts'

describe('commands', () => {
  test('version and help', async () => {
    expect(await runWeir(['version'], {})).toMatchObject({ code: 0, stdout: `${manifest.version}\n`, stderr: '' })
    const help = await runWeir(['help'], {})
    expect(help.code).toBe(0)
    for (const word of ['serve', 'migrate', 'health', 'version', 'user create', 'key create', 'signin-link'])
      expect(help.stdout).toContain(word)
  })

  test.each([[['frobnicate']], [['serve', 'twice']], [['constructor']]])('%p is no command', async (args) => {
    const run = await runWeir(args, { DATA_DIR: tempDir('house') })
    expect(run.code).toBe(64)
    expect(run.stderr).toContain('unknown command')
  })

  test('all faults of the settings at once, exit 78, nothing made', async () => {
    const dir = tempDir('house')
    const run = await runWeir([], { DATA_DIR: dir, PORT: 'eighty', LOG_LEVEL: 'loud', API_KEY: 'two words' })
    expect(run.code).toBe(78)
    for (const name of ['PORT', 'LOG_LEVEL', 'API_KEY']) expect(run.stderr).toContain(`  ${name} `)
    expect(run.stderr).not.toContain('two words')
    expect(existsSync(join(dir, 'lock'))).toBe(false)
  })

  test('migrate brings a database up to date, once', async () => {
    const env = { DATA_DIR: tempDir('house') }
    expect(await runWeir(['migrate'], env)).toMatchObject({
      code: 0,
      stdout: `applied: ${MIGRATIONS.join(', ')}\n`,
    })
    expect(await runWeir(['migrate'], env)).toMatchObject({ code: 0, stdout: 'nothing to do\n' })
  })

  test('health asks the running server; without one it fails', async () => {
    const port = String(await freeTcpPort())
    expect(await runWeir(['health'], { PORT: port })).toMatchObject({ code: 1, stdout: '' })
    await using weir = await startWeir()
    const run = await runWeir(['health'], { PORT: new URL(weir.url).port })
    expect(run).toMatchObject({ code: 0, stdout: '{"status":"ok"}\n' })
  })
})

describe('start', () => {
  test('one line with the address and the file of the key, which a journal must not keep; a link with the first', async () => {
    await using weir = await startWeir({ env: { API_KEY: '' } })
    const file = join(weir.dataDir, 'api-key')
    const key = readFileSync(file, 'utf8').trim()
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(weir.lines).toHaveLength(2)
    expect(weir.lines[0]).toContain(weir.url)
    expect(weir.lines[0]).toContain(file)
    expect(weir.lines.join()).not.toContain(key)
    const answer = await fetch(`${weir.url}/api/system/status`, { headers: { 'x-api-key': key } })
    expect(answer.status).toBe(200)

    expect(await weir.end('SIGTERM')).toBe(0)
    await weir.start()
    expect(weir.lines).toHaveLength(4)
    expect(weir.lines[2]).toContain(file)
    expect(weir.lines[2]).not.toContain(key)
    const again = await fetch(`${weir.url}/api/system/status`, { headers: { 'x-api-key': key } })
    expect(again.status).toBe(200)
  })

  test('on a terminal the key is shown when it has been made', async () => {
    const dir = tempDir('house')
    let shown = ''
    const child = Bun.spawn(['setpriv', '--pdeathsig', 'KILL', '--', ...PROGRAM], {
      env: { PATH: process.env['PATH'] ?? '', HOST: '127.0.0.1', PORT: '0', RTMP_PORT: '0', DATA_DIR: dir },
      terminal: {
        cols: 1000,
        rows: 50,
        data: (_, bytes) => {
          shown += new TextDecoder().decode(bytes)
        },
      },
    })
    await eventually(30_000, 'the greeting', () => shown.includes('/login?token='))
    expect(shown).toContain(readFileSync(join(dir, 'api-key'), 'utf8').trim())
    child.kill('SIGTERM')
    expect(await child.exited).toBe(0)
    child.terminal?.close()
  })

  test('the data directory and what is in it belong to the owner alone', async () => {
    const dir = `${tempDir('house')}/new`
    await runWeir(['migrate'], { DATA_DIR: dir })
    expect(statSync(dir).mode & 0o777).toBe(0o700)
    for (const name of ['weir.db', 'lock', 'instance', 'secret-key', 'api-key'])
      expect([name, statSync(join(dir, name)).mode & 0o077]).toEqual([name, 0])
  })

  test('a second server on the same data is refused and told who holds it; the first goes on', async () => {
    await using weir = await startWeir()
    const run = await runWeir([], { DATA_DIR: weir.dataDir, PORT: String(await freeTcpPort()), API_KEY: TEST_KEY })
    expect(run.code).toBe(75)
    expect(run.stderr).toContain(`process ${weir.pid()}`)
    expect((await weir.call('GET', '/api/health')).status).toBe(200)
  })

  test('the lock goes with the process, however it ends', async () => {
    await using weir = await startWeir()
    await weir.end('SIGKILL')
    await weir.start()
    expect((await weir.call('GET', '/api/health')).status).toBe(200)
  })

  test('a port that is taken is said in words, and the data directory is free again', async () => {
    await using weir = await startWeir()
    const env = { DATA_DIR: tempDir('house'), HOST: '127.0.0.1', PORT: new URL(weir.url).port }
    const run = await runWeir([], env)
    expect(run.code).toBe(1)
    expect(run.stderr).toContain(`127.0.0.1:${env.PORT}`)
    expect((await runWeir(['migrate'], env)).code).toBe(0)
  })

  test('a newer database is refused with a clear message and left as it is', async () => {
    const dir = tempDir('house')
    await runWeir(['migrate'], { DATA_DIR: dir })
    const client = createClient({ url: `file:${join(dir, 'weir.db')}` })
    await client.execute("INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('x', 9999999999999)")
    client.close()
    const run = await runWeir([], { DATA_DIR: dir, PORT: '0' })
    expect(run.code).toBe(65)
    expect(run.stderr).toContain('newer Weir')
  })

  test('a database that cannot be opened is a setting that is not right', async () => {
    const dir = tempDir('house')
    await Bun.write(join(dir, 'text.db'), 'this is a text and no database. '.repeat(100))
    for (const url of [`file:${dir}/missing/weir.db`, `file:${dir}/text.db`, 'http://127.0.0.1:1?authToken=hunter2']) {
      const run = await runWeir([], { DATA_DIR: join(dir, 'data'), DATABASE_URL: url, PORT: '0' })
      expect([url, run.code]).toEqual([url, 78])
      expect(run.stderr).toContain('DATABASE_URL')
      expect(run.stderr).not.toMatch(/went wrong inside|hunter2/)
    }
  })

  test('one database for two servers is refused, however the file is called', async () => {
    const dir = tempDir('house')
    await using weir = await startWeir({ env: { DATABASE_URL: `file:${dir}/shared.db` } })
    symlinkSync(dir, `${dir}-link`)
    const env = { DATA_DIR: join(dir, 'other'), DATABASE_URL: `file:${dir}-link/shared.db`, PORT: '0' }
    const run = await runWeir([], env)
    expect(run.code).toBe(75)
    expect(run.stderr).toContain(`The database is in use by process ${weir.pid()}`)
    await weir.end('SIGKILL')
    expect((await runWeir(['migrate'], env)).code).toBe(0)
    await weir.start()
  })

  test('a directory that cannot be made is said in words', async () => {
    const file = `${tempDir('house')}/file`
    await Bun.write(file, '')
    const run = await runWeir([], { DATA_DIR: join(file, 'data'), PORT: '0' })
    expect(run.code).toBe(1)
    expect(run.stderr).toContain('DATA_DIR')
  })

  test('JSON logs are JSON, the greeting too', async () => {
    await using weir = await startWeir({ env: { LOG_FORMAT: 'json', LOG_LEVEL: 'debug' } })
    await weir.call('GET', '/api/system/status')
    await weir.end('SIGTERM')
    expect(weir.lines.length).toBeGreaterThan(1)
    for (const line of weir.lines)
      expect(JSON.parse(line)).toMatchObject({ level: expect.any(String), msg: expect.any(String) })
    await weir.start()
  })
})

describe('stop', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('%s with an open event stream ends at once with 0', async (signal) => {
    await using weir = await startWeir()
    const events = await weir.follow()
    const began = performance.now()
    expect(await weir.end(signal)).toBe(0)
    expect(performance.now() - began).toBeLessThan(3000)
    await events[Symbol.asyncDispose]()
    await weir.start()
  })

  test('SIGTERM while the program is still being read is a stop too, said in words', async () => {
    // With the pool set the program does not start itself once more, which would be another process image.
    const env = { PATH: process.env['PATH'] ?? '', DATA_DIR: tempDir('house'), PORT: '0', UV_THREADPOOL_SIZE: '4' }
    const child = Bun.spawn([process.execPath, join(ROOT, 'src/main.ts')], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    await catchesTerm(child.pid)
    child.kill('SIGTERM')
    expect(await child.exited).toBe(0)
    expect(await child.stdout.text()).toBe('weir: stopped before it was ready\n')
  })

  test('the write-ahead log is folded into the database', async () => {
    await using weir = await startWeir()
    await weir.createInput({ name: 'Kept' })
    await weir.end('SIGTERM')
    const wal = Bun.file(join(weir.dataDir, 'weir.db-wal'))
    expect((await wal.exists()) ? wal.size : 0).toBe(0)
    await weir.start()
    expect(await weir.ok<{ name: string }[]>('GET', '/api/inputs')).toMatchObject([{ name: 'Kept' }])
  })
})

/** Resolves once a process catches SIGTERM (`SigCgt` of proc_pid_status(5)). */
function catchesTerm(pid: number): Promise<boolean> {
  const catches = () => {
    const mask = /^SigCgt:\s+([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0'
    return (BigInt(`0x${mask}`) & (1n << 14n)) !== 0n
  }
  return eventually(10_000, 'the program catches SIGTERM', catches)
}
