import { expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HAVE } from '../support/peers.ts'
import { freeTcpPort } from '../support/ports.ts'
import { readProc } from '../support/processes.ts'
import { startRtspRecorder } from '../support/rtsp-recorder.ts'
import { startSrtReceiver } from '../support/srt-peers.ts'
import { running } from '../support/stage.ts'
import { startWeir } from '../support/weir.ts'

/** What the test's RTSP server asks for. */
const PASSWORD = 'p@ss:w/d'
const WRONG = 'wr0ng&pa55word'
const PASSPHRASE = 'pAssphrase-0815-long'
const SECRETS = [PASSWORD, WRONG, PASSPHRASE].flatMap((s) => [s, encodeURIComponent(s)])

const withoutSecrets = (where: string, text: string) =>
  expect({ where, found: SECRETS.filter((secret) => text.includes(secret)) }).toEqual({ where, found: [] })

test.skipIf(!HAVE.srt)('logins of RTSP and the passphrase of a listener: nowhere but at the peer', async () => {
  await using weir = await startWeir({ env: { LOG_LEVEL: 'debug' } })
  await using events = await weir.follow()
  await using server = await startRtspRecorder({ auth: 'digest' })
  const { id } = await weir.createInput({ name: 'Test', kind: 'test' })
  const base = `/api/inputs/${id}`
  const good = `rtsp://publisher:${encodeURIComponent(PASSWORD)}@127.0.0.1:${server.port}/live`
  const bodies = [
    { name: 'rtsp', url: good },
    { name: 'hall', protocol: 'srt_listener', passphrase: PASSPHRASE },
    // The server takes one push at a time, so this one is told of its login or of the place being taken; never of both.
    {
      name: 'wrong',
      url: `rtsp://127.0.0.1:${server.port}/other`,
      username: 'u',
      password: WRONG,
      reconnect_delay: 0.2,
    },
    { name: 'nobody', url: `rtsp://u:${WRONG}@127.0.0.1:${await freeTcpPort()}/live`, reconnect_delay: 0.2 },
  ]
  const answers: string[] = []
  const ids: number[] = []
  for (const body of bodies) {
    const answer = await weir.call<{ id: number }>('POST', `${base}/outputs`, body)
    expect(answer.status).toBe(201)
    answers.push(answer.text)
    ids.push(answer.json.id)
  }
  const [rtsp = 0, hall = 0, wrong = 0, nobody = 0] = ids
  const output = await weir.outputIs(await weir.output(id, rtsp), 'running', running)
  const listener = await weir.output(id, hall)
  await using caller = startSrtReceiver({ port: listener.srt_port ?? 0, passphrase: PASSPHRASE })
  await caller.received(10_000)
  await weir.outputIs(await weir.output(id, wrong), 'failed', (o) => o.reconnect_count >= 1)
  await weir.outputIs(await weir.output(id, nobody), 'failed', (o) => o.reconnect_count >= 1)

  const paths = [base, `${base}/outputs`, `${base}/events`, '/api/system/logs']
  for (const each of ids) paths.push(`${base}/outputs/${each}`, `${base}/outputs/${each}/logs`)
  for (const path of paths) answers.push((await weir.call('GET', path)).text)
  for (const each of ids) answers.push((await weir.call('POST', `${base}/outputs/${each}/check`)).text)
  answers.push((await weir.call('POST', `${base}/outputs/check`, bodies[0])).text)
  answers.push((await weir.call('POST', `${base}/outputs`, { ...bodies[0], name: 'twin' })).text)
  for (const text of answers) withoutSecrets('an answer', text)
  withoutSecrets('events', JSON.stringify(events.messages))
  expect(events.messages.some(({ name }) => name === 'output.exited')).toBe(true)

  expect(readProc(`/proc/${output.process_id}/cmdline`)).toContain('rtsp://')
  for (const { pid } of [{ pid: weir.pid() }, ...weir.children()]) {
    withoutSecrets('an environment', readProc(`/proc/${pid}/environ`) ?? '')
    withoutSecrets('a command line', readProc(`/proc/${pid}/cmdline`) ?? '')
  }
  for (const file of readdirSync(weir.dataDir, { recursive: true, withFileTypes: true })) {
    if (file.isFile()) withoutSecrets(file.name, readFileSync(join(file.parentPath, file.name), 'latin1'))
  }
  await weir.end('SIGTERM')
  expect(weir.lines.length).toBeGreaterThan(1)
  withoutSecrets("the server's own lines", weir.lines.join('\n'))
})
