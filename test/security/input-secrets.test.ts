import { expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readProc } from '../support/processes.ts'
import { eventually } from '../support/waiting.ts'
import { startWeir } from '../support/weir.ts'

const PASSPHRASE = 'pAssphrase-0815-long'
const STREAM_ID = '#!::r=geheim/0815,m=request'
const PASSWORD = 'pa55word&0815'
const TYPED = [PASSPHRASE, STREAM_ID, PASSWORD]

const forms = (secret: string) => [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')]
const without = (secrets: string[], where: string, text: string) =>
  expect({ where, found: secrets.flatMap(forms).filter((form) => text.includes(form)) }).toEqual({ where, found: [] })

test('secrets of inputs are nowhere but at the peer: answers, events, logs, processes, files', async () => {
  // A server that takes connections and says nothing, so that whoever calls it stays to be looked at.
  using silent = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data: () => undefined } })
  await using weir = await startWeir({ env: { LOG_LEVEL: 'debug' } })
  await using events = await weir.follow()
  const at = `127.0.0.1:${silent.port}`
  const srt = `srt://${at}?streamid=${encodeURIComponent(STREAM_ID)}`
  const bodies = [
    { name: 'camera', kind: 'rtsp', url: `rtsp://admin:${encodeURIComponent(PASSWORD)}@${at}/ch1` },
    { name: 'playlist', kind: 'hls', url: `http://${at}/live.m3u8`, username: 'admin', password: PASSWORD },
    { name: 'caller', kind: 'srt_caller', url: srt, passphrase: PASSPHRASE },
    { name: 'listener', kind: 'srt_listener', passphrase: PASSPHRASE },
    { name: 'encoder', kind: 'rtmp' },
  ]
  const answers: string[] = []
  const keys: string[] = []
  for (const body of bodies) {
    const answer = await weir.call<{ id: number; publish_key: string | null }>('POST', '/api/inputs', body)
    expect([body.name, answer.status]).toEqual([body.name, 201])
    answers.push(answer.text)
    if (answer.json.publish_key) keys.push(answer.json.publish_key)
  }
  expect(keys).toHaveLength(2)
  for (const [i, body] of bodies.entries()) {
    answers.push((await weir.call('POST', '/api/inputs', body)).text)
    answers.push((await weir.call('PATCH', `/api/inputs/${i + 1}`, { passphrase: `${PASSPHRASE}\n` })).text)
  }
  // One that is made anew is as secret as one that was made at first.
  await weir.ok('POST', '/api/inputs/5/publish-key')
  keys.push((await weir.input(5)).publish_key ?? '')
  const everything = [...TYPED, ...keys]

  // Whoever calls a silent server is there again and again, and looks the same from outside each time.
  const protocols = new Set<string>()
  await eventually(20_000, 'who fetches over RTSP and SRT was looked at', () => {
    for (const child of weir.children()) {
      const line = readProc(`/proc/${child.pid}/cmdline`) ?? ''
      without(everything, 'a command line', line)
      without(everything, 'an environment', child.environ)
      for (const name of /-protocol_whitelist\0([^\0]+)/.exec(line)?.[1]?.split(',') ?? []) protocols.add(name)
    }
    return protocols.has('rtsp') && protocols.has('srt')
  })
  without(everything, 'the command line of Weir', readProc(`/proc/${weir.pid()}/cmdline`) ?? '')

  const paths = ['/api/system/logs', '/api/system/settings', '/api/openapi.json']
  for (const i of bodies.keys()) {
    answers.push((await weir.call('GET', `/api/inputs/${i + 1}`)).text)
    paths.push(`/api/inputs/${i + 1}/events`, `/api/inputs/${i + 1}/logs`)
  }
  answers.push((await weir.call('GET', '/api/inputs')).text)
  for (const text of answers) without(TYPED, 'an answer', text)
  for (const path of paths) without(everything, path, (await weir.call('GET', path)).text)
  without(TYPED, 'events', JSON.stringify(events.messages))
  expect(events.messages.some(({ name }) => name === 'input.changed')).toBe(true)

  for (const file of readdirSync(weir.dataDir, { recursive: true, withFileTypes: true })) {
    if (file.isFile()) without(everything, file.name, readFileSync(join(file.parentPath, file.name), 'latin1'))
  }
  await weir.end('SIGTERM')
  without(everything, "the server's own lines", weir.lines.join('\n'))
})
