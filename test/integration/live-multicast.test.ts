import { afterAll, beforeAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import type { InputActual } from '../../src/media/actual.ts'
import { type FixtureName, fixture } from '../support/fixtures.ts'
import { checkMedia } from '../support/media-check.ts'
import {
  type MediaStage,
  nextId,
  openMediaStage,
  toInputSpec,
  toOutputSpec,
  toUdpSource,
  toUdpTarget,
} from '../support/media-stage.ts'
import { freeUdpPort } from '../support/ports.ts'
import { type Program, startProgram } from '../support/processes.ts'
import { tempDir } from '../support/temp.ts'
import { openUdpReceiver } from '../support/udp-receiver.ts'

let stage: MediaStage
beforeAll(() => {
  stage = openMediaStage()
})
afterAll(() => stage?.[Symbol.asyncDispose]())

/** Two groups that nobody else of this run has. */
const base = 1 + Math.floor(Math.random() * 250)
const group = (n: number) => `239.77.${base}.${n}`
const onLoopback = { interfaceAddress: '127.0.0.1' }

async function send(to: string, port: number, names: FixtureName[], more: string[] = []): Promise<Program> {
  const inputs = (await Promise.all(names.map(fixture))).flatMap((path) => ['-re', '-stream_loop', '-1', '-i', path])
  const maps = names.flatMap((_, n) => ['-map', `${n}:v`, '-map', `${n}:a`])
  const address = `udp://${to}:${port}?pkt_size=1316&localaddr=127.0.0.1&ttl=1`
  return startProgram([
    ...['ffmpeg', '-hide_banner', '-nostdin', '-v', 'error', ...inputs, ...maps, '-c', 'copy'],
    ...[...more, '-f', 'mpegts', address],
  ])
}

test('two groups on one port do not hear each other', async () => {
  const port = await freeUdpPort()
  await using _one = await send(group(1), port, ['main'])
  await using _two = await send(group(2), port, ['small'])
  const specs = [1, 2].map((n) => toInputSpec(toUdpSource(port, { multicastGroup: group(n), ...onLoopback })))
  const outputs = await Promise.all(
    specs.map(async (spec) => {
      const receiver = await openUdpReceiver()
      stage.want({ ...spec, outputs: [toOutputSpec(spec.id, toUdpTarget(receiver.port))] })
      return receiver
    }),
  )
  const widths = specs.map(async (spec) => {
    const input = await stage.inputIs(spec.id, 'active with its size', (i) => i.status === 'active' && i.video !== null)
    return input.video?.width
  })
  expect(await Promise.all(widths)).toEqual([1280, 640])
  await Promise.all(outputs.map((receiver) => receiver.more(1_500)))
  for (const spec of specs) {
    expect(stage.input(spec.id).warnings.filter((w) => w.code === 'input.other_sender')).toEqual([])
    stage.want({ ...spec, outputs: [] })
    await stage.told('output.removed', (gone) => spec.id !== gone.id)
  }
  for (const [n, receiver] of outputs.entries()) {
    expect(receiver.errorCount()).toBe(0)
    const media = await checkMedia(receiver.save(join(tempDir('group'), 'group.ts')))
    expect(media).toMatchObject({ width: [1280, 640][n], decodeErrors: [] })
    await receiver[Symbol.asyncDispose]()
  }
  for (const spec of specs) stage.want({ ...spec, enabled: false })
}, 60_000)

test('a group is asked for from the allowed senders alone', async () => {
  const port = await freeUdpPort()
  await using _feed = await send(group(3), port, ['main'])
  const source = (allowFrom: string[]) => toUdpSource(port, { multicastGroup: group(3), ...onLoopback, allowFrom })
  const other = toInputSpec(source(['127.0.0.9/32']))
  stage.want(other)
  await stage.inputIs(other.id, 'inactive', (i) => i.status === 'inactive')
  // Its figures come once a second: what was received is known by then.
  await stage.told('figures')
  const { inputs } = await stage.told('figures')
  expect(inputs.find((each) => each.id === other.id)?.bytesTotal).toBe(0)
  expect(stage.input(other.id).warnings).toEqual([])
  stage.want({ ...other, enabled: false })
  await stage.inputIs(other.id, 'stopped', (i) => i.status === 'stopped')
  const right = toInputSpec(source(['127.0.0.1', '127.0.0.9']))
  stage.want(right)
  await stage.inputIs(right.id, 'active', (i) => i.status === 'active')
  stage.want({ ...right, enabled: false })
  await stage.inputIs(right.id, 'stopped', (i) => i.status === 'stopped')
}, 60_000)

test('an interface that is not there is told, with what to do', async () => {
  const lost = toInputSpec(
    toUdpSource(await freeUdpPort(), { multicastGroup: group(4), interfaceAddress: '192.0.2.77' }),
  )
  const lost6 = toInputSpec(
    toUdpSource(await freeUdpPort(), { multicastGroup: 'ff15::77', interfaceAddress: '2001:db8::77' }),
  )
  for (const spec of [lost, lost6]) stage.want(spec)
  for (const spec of [lost, lost6]) {
    const told = (i: InputActual) => i.status === 'error' && i.warnings.length > 0
    const state = await stage.inputIs(spec.id, 'error', told, 30_000)
    expect(state.statusReason).toContain('no network of this machine has that address')
    expect(state.warnings.map((w) => w.code)).toEqual(['input.cannot_join'])
    expect(state.nextRetryAt).toBeGreaterThan(Date.now())
    stage.want({ ...spec, enabled: false })
  }
}, 60_000)

test('an IPv6 group is joined', async () => {
  const spec = toInputSpec(toUdpSource(await freeUdpPort(), { multicastGroup: 'ff15::77', interfaceAddress: '::1' }))
  stage.want(spec)
  await stage.inputIs(spec.id, 'inactive', (i) => i.status === 'inactive')
  stage.want({ ...spec, enabled: false })
})

test('of a multiplex the wanted program is taken, and another on demand', async () => {
  const port = await freeUdpPort()
  const programs = ['-program', 'program_num=11:st=0:st=1', '-program', 'program_num=12:st=2:st=3']
  await using _feed = await send('127.0.0.1', port, ['main', 'small'], programs)
  const receiver = await openUdpReceiver()
  const id = nextId()
  const output = toOutputSpec(id, toUdpTarget(receiver.port))
  const spec = toInputSpec(toUdpSource(port), [output], { program: 12 })
  stage.want(spec)
  const second = await stage.inputIs(id, 'active with its size', (i) => i.status === 'active' && i.video !== null)
  expect(second.video).toMatchObject({ width: 640, height: 360 })
  const { programs: seen } = stage.supervisor.probe(id)
  expect(seen.map((p) => [p.number, p.chosen, p.tracks.length])).toEqual([
    [11, false, 2],
    [12, true, 2],
  ])
  await receiver.more(1_000)
  const { processId } = stage.output(output.id)
  stage.want({ ...spec, program: 11 })
  await stage.inputIs(id, 'the other program', (i) => i.status === 'active' && i.video?.width === 1280)
  await receiver.more(2_000)
  expect(stage.output(output.id).processId).toBe(processId)
  stage.want({ ...spec, program: 13 })
  const none = await stage.inputIs(id, 'a warning', (i) => i.warnings.some((w) => w.code === 'input.no_program'))
  expect(none.warnings[0]?.message).toContain('it carries 11, 12')
  stage.want({ ...spec, program: 13, outputs: [] })
  await stage.told('output.removed')
  expect(receiver.errorCount()).toBe(0)
  const media = await checkMedia(receiver.save(join(tempDir('mpts'), 'mpts.ts')))
  expect(media.decodeErrors).toEqual([])
  await receiver[Symbol.asyncDispose]()
}, 60_000)
