import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createClient } from '@libsql/client'
import { runWeir } from '../support/command.ts'
import { PASSWORD, signInAs } from '../support/people.ts'
import { tempDir } from '../support/temp.ts'
import { startWeir, TEST_KEY, type Weir } from '../support/weir.ts'

const post = (url: string, body: unknown) =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

describe('the command line beside a server that runs', () => {
  let weir: Weir
  beforeAll(async () => {
    // The server alone knows it: the shell of the commands does not.
    weir = await startWeir({ env: { PUBLIC_URL: 'https://weir.example.org' } })
  })
  afterAll(() => weir[Symbol.asyncDispose]())
  const run = (...args: string[]) => runWeir(args, { DATA_DIR: weir.dataDir, PORT: new URL(weir.url).port })

  test('its socket is for the owner alone', () => {
    const { mode } = statSync(join(weir.dataDir, 'weir.sock'))
    expect(mode & 0o777).toBe(0o600)
  })

  test('user create prints an invitation, which the server takes', async () => {
    const made = await run('user', 'create', 'ruth@example.org', '--name', 'Ruth', '--role', 'admin')
    expect(made).toMatchObject({ code: 0, stderr: '' })
    const link = made.stdout.trim()
    expect(link).toMatch(/^https:\/\/weir\.example\.org\/join\/[\w-]{43}$/)
    const token = link.split('/').at(-1)
    expect((await post(`${weir.url}/api/invitations/accept`, { token, password: PASSWORD })).status).toBe(201)
    const [entry] = await weir
      .ok<{ items: object[] }>('GET', '/api/audit?action=user.create')
      .then(({ items }) => items)
    expect(entry).toMatchObject({ actor: { id: 'weir', name: 'command line' }, after: { email: 'ruth@example.org' } })
  })

  test('user reset prints a link; one for nobody is refused in words', async () => {
    const made = await run('user', 'reset', 'RUTH@example.org')
    expect(made.stdout).toContain('/join/')
    const token = made.stdout.trim().split('/').at(-1)
    const accepted = await post(`${weir.url}/api/invitations/accept`, { token, password: 'nine ladies dancing' })
    expect(accepted.status).toBe(201)
    const nobody = await run('user', 'reset', 'nobody@example.org')
    expect([nobody.code, nobody.stdout]).toEqual([64, ''])
    expect(nobody.stderr).toContain('nobody@example.org')
  })

  test('key create prints the key alone', async () => {
    const made = await run('key', 'create', 'Backups', '--scopes', 'read,operate', '--days', '30')
    const key = made.stdout.trim()
    expect(key).toMatch(/^weir_[0-9a-f]{8}_[\w-]{43}$/)
    const headers = { 'x-api-key': key }
    expect((await fetch(`${weir.url}/api/inputs`, { headers })).status).toBe(200)
    expect((await fetch(`${weir.url}/api/users`, { headers })).status).toBe(403)
    const wrong = await run('key', 'create', 'x', '--scopes', 'everything')
    expect(wrong.code).toBe(1)
    expect(wrong.stderr).toContain('scopes')
  })

  test('signin-link signs in whom it names, at the address of the server', async () => {
    const made = await run('signin-link', 'ruth@example.org')
    const url = new URL(made.stdout.trim())
    expect([made.code, url.origin]).toEqual([0, 'https://weir.example.org'])
    const answer = await post(`${weir.url}/api/session`, { token: url.searchParams.get('token') })
    expect((await answer.json()) as object).toMatchObject({ user: { email: 'ruth@example.org' } })
    const [entry] = (await weir.ok<{ items: object[] }>('GET', '/api/audit?action=sign_in_link.create')).items
    expect(entry).toMatchObject({ actor: { id: 'weir' }, result: 'done', after: { email: 'ruth@example.org' } })
  })

  test('signin-link for somebody who cannot come in is refused, and the last link stays good', async () => {
    await run('user', 'create', 'ines@example.org', '--role', 'viewer')
    const good = await run('signin-link')
    const nobody = await run('signin-link', 'nobody@example.org')
    expect([nobody.code, nobody.stdout, nobody.stderr]).toEqual([
      1,
      '',
      'weir: Nobody has the address nobody@example.org.\n',
    ])
    const invited = await run('signin-link', 'ines@example.org')
    expect([invited.code, invited.stdout]).toEqual([1, ''])
    expect(invited.stderr).toContain('weir user reset ines@example.org')
    const token = new URL(good.stdout.trim()).searchParams.get('token')
    expect((await post(`${weir.url}/api/session`, { token })).status).toBe(201)
  })

  test('what it does not know it says, with 64', async () => {
    for (const args of [['user'], ['user', 'create'], ['key', 'create', 'a', 'b'], ['user', 'create', 'a@b.c', '--x']])
      expect([args, (await run(...args)).code]).toEqual([args, 64])
  })

  test('the secret key is not changed under a server that runs', async () => {
    const refused = await run('secret', 'rotate')
    expect([refused.code, refused.stdout]).toEqual([75, ''])
  })
})

test('without a server: under the lock, on the database itself', async () => {
  await using weir = await startWeir()
  await weir.end('SIGKILL')
  // The socket of a run that was killed is still there.
  expect(existsSync(join(weir.dataDir, 'weir.sock'))).toBe(true)
  const env = { DATA_DIR: weir.dataDir, PORT: new URL(weir.url).port, HOST: '127.0.0.1' }
  const link = new URL((await runWeir(['signin-link'], env)).stdout.trim())
  const made = await runWeir(['user', 'create', 'ruth@example.org'], env)
  expect(made).toMatchObject({ code: 0, stderr: '' })
  // Whoever is the only administrator and has no password yet could not use one.
  expect((await runWeir(['signin-link'], env)).stderr).toContain('No administrator has a password yet')
  const key = (await runWeir(['key', 'create', 'Offline', '--scopes', 'admin'], env)).stdout.trim()
  await weir.start()
  // Looking spends nothing.
  const page = await fetch(link)
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining(link.searchParams.get('token') ?? '')])
  const token = made.stdout.trim().split('/').at(-1)
  expect((await post(`${weir.url}/api/invitations/accept`, { token, password: PASSWORD })).status).toBe(201)
  expect((await fetch(`${weir.url}/api/users`, { headers: { 'x-api-key': key } })).status).toBe(200)
  const { items } = await weir.ok<{ items: { action: string }[] }>('GET', '/api/audit?actor=weir')
  expect(items.map(({ action }) => action)).toEqual([
    'key.create',
    'sign_in_link.create',
    'user.create',
    'sign_in_link.create',
  ])
})

describe('the first administrator from the environment', () => {
  const env = { ADMIN_EMAIL: 'boss@example.org', ADMIN_PASSWORD: PASSWORD }

  test('is made once; a later password in the environment changes nothing', async () => {
    await using weir = await startWeir({ env })
    await signInAs(weir, 'boss@example.org')
    expect((await fetch(`${weir.url}/setup`)).status).toBe(404)
    expect(weir.lines.join('\n')).not.toContain(PASSWORD)
    await weir.end('SIGTERM')
    await weir.start()
    expect(await weir.ok<unknown[]>('GET', '/api/users')).toHaveLength(1)
    expect((await weir.call('GET', '/api/system/settings')).text).not.toContain(PASSWORD)
  })

  test('half of it, or a password that is the first guess, is refused at the start', async () => {
    const half = await runWeir([], { DATA_DIR: tempDir('admin'), PORT: '0', ADMIN_EMAIL: 'boss@example.org' })
    expect([half.code, half.stderr]).toEqual([78, expect.stringContaining('ADMIN_PASSWORD must be set too')])
    const weak = { ...env, ADMIN_PASSWORD: 'password123456', DATA_DIR: tempDir('admin'), PORT: '0' }
    const refused = await runWeir([], weak)
    expect(refused.code).toBe(1)
    expect(refused.stderr).not.toContain('password123456')
  })
})

describe('the secret key', () => {
  const canary = 'canary-stream-key-90125'
  async function fill(weir: Weir) {
    const input = await weir.createInput({ name: 'In', kind: 'rtmp', enabled: false })
    const url = 'rtmp://127.0.0.1:1/live'
    const output = await weir.createOutput(input.id, { name: 'Out', url, stream_key: canary, enabled: false })
    const { publish_key } = await weir.ok<{ publish_key: string }>('GET', `/api/inputs/${input.id}`)
    return { input, output, publish_key }
  }

  test('a wrong one refuses to start and names both keys; the right one goes on', async () => {
    await using weir = await startWeir()
    const { input, publish_key } = await fill(weir)
    await weir.end('SIGTERM')
    const file = join(weir.dataDir, 'secret-key')
    const right = readFileSync(file, 'utf8')
    const env = { DATA_DIR: weir.dataDir, PORT: '0', API_KEY: TEST_KEY, HOST: '127.0.0.1' }
    writeFileSync(file, `${'x'.repeat(43)}\n`)
    const refused = await runWeir([], env)
    expect(refused.code).toBe(78)
    expect(refused.stderr).toMatch(/encrypted by the key [0-9a-f]{8}, and this one is [0-9a-f]{8}/)
    expect(refused.stderr).not.toContain(right.trim())
    writeFileSync(file, right)
    await weir.start()
    expect(await weir.ok<object>('GET', `/api/inputs/${input.id}`)).toMatchObject({ publish_key })
  })

  test('rotated: everything opens with the new one, nothing with the old one', async () => {
    await using weir = await startWeir()
    const { input, output, publish_key } = await fill(weir)
    await weir.end('SIGTERM')
    const file = join(weir.dataDir, 'secret-key')
    const before = readFileSync(file, 'utf8')
    const env = { DATA_DIR: weir.dataDir, PORT: '0', API_KEY: TEST_KEY, HOST: '127.0.0.1' }
    const done = await runWeir(['secret', 'rotate'], env)
    expect(done).toMatchObject({ code: 0, stderr: '' })
    expect(done.stdout).toMatch(/^2 secrets encrypted anew: key [0-9a-f]{8} is void, key [0-9a-f]{8} holds\.\n$/)
    const after = readFileSync(file, 'utf8')
    expect([after === before, statSync(file).mode & 0o777, existsSync(`${file}.next`)]).toEqual([false, 0o600, false])
    await weir.start()
    expect(await weir.ok<object>('GET', `/api/inputs/${input.id}`)).toMatchObject({ publish_key })
    const shown = await weir.output(input.id, output.id)
    expect(shown as object).toMatchObject({ has_stream_key: true })
    await weir.end('SIGTERM')
    writeFileSync(file, before)
    expect((await runWeir([], env)).code).toBe(78)
    writeFileSync(file, after)
    await weir.start()
  })

  test('cut off between database and file: the next start brings it to its end', async () => {
    await using weir = await startWeir()
    const { input, publish_key } = await fill(weir)
    await weir.end('SIGTERM')
    const file = join(weir.dataDir, 'secret-key')
    const before = readFileSync(file, 'utf8')
    const env = { DATA_DIR: weir.dataDir, PORT: '0', API_KEY: TEST_KEY, HOST: '127.0.0.1' }
    await runWeir(['secret', 'rotate'], env)
    // As it stands when the power goes after the database was written: the new key beside the old one.
    writeFileSync(`${file}.next`, readFileSync(file, 'utf8'), { mode: 0o600 })
    writeFileSync(file, before)
    await weir.start()
    expect(await weir.ok<object>('GET', `/api/inputs/${input.id}`)).toMatchObject({ publish_key })
    expect(existsSync(`${file}.next`)).toBe(false)
  })

  test('a key from the environment is rotated to one from the environment', async () => {
    const [old, next] = ['o'.repeat(40), 'n'.repeat(40)]
    await using weir = await startWeir({ env: { SECRET_KEY: old } })
    await fill(weir)
    await weir.end('SIGTERM')
    const env = { DATA_DIR: weir.dataDir, PORT: '0', HOST: '127.0.0.1', API_KEY: TEST_KEY, SECRET_KEY: old }
    expect((await runWeir(['secret', 'rotate'], env)).stderr).toContain('SECRET_KEY_NEW')
    expect((await runWeir(['secret', 'rotate'], { ...env, SECRET_KEY_NEW: next })).code).toBe(0)
    expect((await runWeir(['migrate'], env)).code).toBe(78)
    expect((await runWeir(['migrate'], { ...env, SECRET_KEY: next })).code).toBe(0)
    expect(existsSync(join(weir.dataDir, 'secret-key'))).toBe(false)
  })

  test('a database of before knows its key by what is sealed in it', async () => {
    await using weir = await startWeir()
    await fill(weir)
    await weir.end('SIGTERM')
    const client = createClient({ url: `file:${join(weir.dataDir, 'weir.db')}` })
    await client.execute('DELETE FROM meta')
    client.close()
    const file = join(weir.dataDir, 'secret-key')
    const right = readFileSync(file, 'utf8')
    writeFileSync(file, `${'x'.repeat(43)}\n`)
    const env = { DATA_DIR: weir.dataDir, PORT: '0', API_KEY: TEST_KEY, HOST: '127.0.0.1' }
    expect((await runWeir([], env)).code).toBe(78)
    writeFileSync(file, right)
    await weir.start()
  })
})
