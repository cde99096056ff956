import { expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { freeTcpPort } from '../support/ports.ts'
import { readProc } from '../support/processes.ts'
import { HAVE, sharedRtmp } from '../support/peers.ts'
import { startSrtIdListener } from '../support/srt.ts'
import { liveInput, running } from '../support/stage.ts'
import { startWeir, TEST_KEY } from '../support/weir.ts'

const KEY = 'sk_live/kEy+0815=#'
const PASSPHRASE = 'pAssphrase-4711-long'
const PASSWORD = 'pa55word&4242'
const SECRETS = [KEY, PASSPHRASE, PASSWORD].flatMap((s) => [
  s,
  encodeURIComponent(s),
  Buffer.from(s).toString('base64'),
])

const withoutSecrets = (where: string, text: string) =>
  expect({ where, found: SECRETS.filter((secret) => text.includes(secret)) }).toEqual({ where, found: [] })

test.skipIf(!HAVE.rtmp)('a secret is nowhere but at the peer: answers, events, logs, processes, files', async () => {
  await using weir = await startWeir({ env: { LOG_LEVEL: 'debug' } })
  await using events = await weir.follow()
  const { input, feed } = await liveInput(weir)
  await using listener = await startSrtIdListener(PASSPHRASE)
  const rtmp = await sharedRtmp()
  const refused = `rtmp://127.0.0.1:${await freeTcpPort()}/live/${encodeURIComponent(KEY)}`
  const bodies = [
    { name: 'rtmp', url: `rtmp://127.0.0.1:${rtmp.port}/live`, stream_key: KEY },
    { name: 'srt', url: `srt://127.0.0.1:${listener.port}`, passphrase: PASSPHRASE, options: { stream_id: 'plain' } },
    { name: 'refused by 403', url: `rtmp://127.0.0.1:${rtmp.port}/refuse`, stream_key: KEY, reconnect_delay: 0.2 },
    { name: 'closed port', url: refused, username: 'u', password: PASSWORD, reconnect_delay: 0.2 },
  ]
  const answers: string[] = []
  const outputs = []
  for (const body of bodies) {
    const answer = await weir.call<{ id: number }>('POST', `/api/inputs/${input.id}/outputs`, body)
    answers.push(answer.text)
    expect(answer.status).toBe(201)
    outputs.push(await weir.output(input.id, answer.json.id))
  }
  const [a, b, c, d] = outputs as [(typeof outputs)[0], (typeof outputs)[0], (typeof outputs)[0], (typeof outputs)[0]]
  await weir.outputIs(a, 'running', running)
  await weir.outputIs(b, 'running', running)
  await weir.outputIs(c, 'failed', (o) => o.reconnect_count >= 1)
  await weir.outputIs(d, 'failed', (o) => o.reconnect_count >= 1)
  await rtmp.called('the key at the peer', (call) => call.call === 'publish' && call.name === KEY)
  expect(a.has_stream_key).toBe(true)

  const base = `/api/inputs/${input.id}`
  const paths = [
    '/api/inputs',
    base,
    `${base}/outputs`,
    `${base}/events`,
    `${base}/history`,
    '/api/system/logs',
    '/api/system/settings',
    '/api/openapi.json',
  ]
  for (const o of outputs) paths.push(`${base}/outputs/${o.id}`, `${base}/outputs/${o.id}/logs`)
  for (const path of paths) answers.push((await weir.call('GET', path)).text)
  answers.push((await weir.call('POST', `${base}/outputs/${a.id}/duplicate`)).text)
  answers.push((await weir.call('POST', `${base}/outputs`, bodies[0])).text)
  answers.push((await weir.call('POST', `${base}/outputs`, { ...bodies[3], udp_port: KEY, protocol: PASSWORD })).text)
  answers.push((await weir.call('PATCH', `${base}/outputs/${a.id}`, { stream_key: `${KEY}\n` })).text)
  for (const text of answers) withoutSecrets('an answer', text)
  expect(events.messages.some(({ name }) => name === 'output.exited')).toBe(true)
  withoutSecrets('events', JSON.stringify(events.messages))

  const children = weir.children()
  expect(children.length).toBeGreaterThanOrEqual(2)
  for (const { pid } of [{ pid: weir.pid() }, ...children]) {
    withoutSecrets('a command line', readProc(`/proc/${pid}/cmdline`) ?? '')
    withoutSecrets('an environment', readProc(`/proc/${pid}/environ`) ?? '')
  }
  for (const child of children) expect(child.environ).not.toContain(TEST_KEY)

  for (const file of readdirSync(weir.dataDir, { recursive: true, withFileTypes: true })) {
    if (file.isFile()) withoutSecrets(file.name, readFileSync(join(file.parentPath, file.name), 'latin1'))
  }
  await weir.end('SIGTERM')
  expect(weir.lines.length).toBeGreaterThan(1)
  withoutSecrets("the server's own lines", weir.lines.join('\n'))
  await feed.stop()
})
