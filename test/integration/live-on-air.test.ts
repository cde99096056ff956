import { afterAll, beforeAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import { startFeed } from '../support/feed.ts'
import type { Input } from '../support/resources.ts'
import { active, udpOutput } from '../support/stage.ts'
import { tempDir } from '../support/temp.ts'
import { startWeir, TEST_KEY, type Weir } from '../support/weir.ts'

/** A second of a core, which may be long on a busy machine. */
const SLATE_MS = 60_000

let weir: Weir
beforeAll(async () => {
  weir = await startWeir({ env: { MEDIA_WORKERS: '1' } })
})
afterAll(() => weir[Symbol.asyncDispose]())

const isOnAir = (what: string) => (input: Input) => input.on_air === what

function run(...argv: string[]): Uint8Array {
  const { exitCode, stdout, stderr } = Bun.spawnSync(argv)
  if (exitCode !== 0) throw new Error(stderr.toString())
  return stdout
}

/** The last whole picture of a recording, as one pixel. */
function lastColour(path: string): [number, number, number] {
  const scaled = ['-vf', 'scale=1:1:flags=area', '-pix_fmt', 'rgb24', '-f', 'rawvideo', '-']
  const pixels = run('ffmpeg', '-v', 'fatal', '-i', path, ...scaled)
  const [r = 0, g = 0, b = 0] = pixels.slice(-3)
  return [r, g, b]
}

async function sendSlate(id: number, file: string): Promise<number> {
  const form = new FormData()
  form.set('file', new File([await Bun.file(file).arrayBuffer()], 'slate.png'))
  const headers = { authorization: `Bearer ${TEST_KEY}` }
  return (await fetch(`${weir.url}/api/inputs/${id}/slate`, { method: 'POST', headers, body: form })).status
}

test('viewers see the picture that was sent when the feed dies, and it is there again after a restart of Weir', async () => {
  const dir = tempDir('on-air')
  const red = join(dir, 'red.png')
  run('ffmpeg', '-v', 'error', '-f', 'lavfi', '-i', 'color=c=red:s=640x360', '-frames:v', '1', red)
  const made = await weir.createInput({ name: 'Red', bind_address: '127.0.0.1', on_loss: 'slate' })
  expect(await sendSlate(made.id, red)).toBe(201)
  const feed = await startFeed(made.udp_port ?? 0)
  await weir.inputIs(made.id, 'active', active)
  const { output, receiver } = await udpOutput(weir, made.id, 'Screens')
  await weir.inputIs(made.id, 'with its slate', ({ slate_ready }) => slate_ready === true, SLATE_MS)
  await feed.stop()
  expect(await weir.inputIs(made.id, 'on the slate', isOnAir('slate'))).toMatchObject({ on_air_reason: 'lost' })
  receiver.reset()
  // A slate of one colour is small: some seconds of it.
  await receiver.more(400, 60_000)
  const [r, g, b] = lastColour(receiver.save(join(dir, 'seen.ts')))
  expect({ r: r > 180, g: g < 80, b: b < 80 }).toEqual({ r: true, g: true, b: true })
  expect(await weir.output(made.id, output.id)).toMatchObject({ status: 'running', reconnect_count: 0 })

  await weir.end('SIGTERM')
  await weir.start()
  const again = await weir.inputIs(made.id, 'with its slate again', ({ slate_ready }) => slate_ready === true, SLATE_MS)
  expect(again.slate_url).toContain('/slate?v=')
  await receiver[Symbol.asyncDispose]()
})

test('what was chosen by hand is on air again after a crash of its worker, and nothing else before it', async () => {
  const made = await weir.createInput({ name: 'Panic', kind: 'test', on_loss: 'freeze' })
  await weir.inputIs(made.id, 'on air', isOnAir('main'))
  const { output, receiver } = await udpOutput(weir, made.id, 'Screens')
  await weir.ok('POST', `/api/inputs/${made.id}/switch`, { to: 'slate' })
  const chosen = await weir.inputIs(made.id, 'on the slate', isOnAir('slate'), SLATE_MS)
  await using events = await weir.follow(`input:${made.id}`)
  await weir.ok('POST', '/api/system/faults', { kill: 'media:1' })
  const anew = (it: Input & { on_air_since?: string }) =>
    it.on_air === 'slate' && it.on_air_since !== (chosen as Input & { on_air_since?: string }).on_air_since
  expect(await weir.inputIs(made.id, 'on the slate again', anew, SLATE_MS)).toMatchObject({ on_air_reason: 'manual' })
  await weir.outputIs(output, 'another process', (o) => o.status === 'running' && o.process_id !== output.process_id)
  await receiver.more(20)
  const seen = events.messages.flatMap(({ name, data }) =>
    name === 'input.switched' ? [(data as { to: string }).to] : [],
  )
  expect(seen).toEqual(['slate'])
  await weir.ok('POST', `/api/inputs/${made.id}/switch`, { to: 'auto' })
  await weir.inputIs(made.id, 'back', isOnAir('main'))
  await weir.ok('DELETE', `/api/inputs/${made.id}`)
  await receiver[Symbol.asyncDispose]()
})

test('a backup takes over and gives back; by hand it is chosen at its keyframe; 409 where there is none', async () => {
  const backup = await weir.createInput({ name: 'Spare', bind_address: '127.0.0.1' })
  const spare = await startFeed(backup.udp_port ?? 0)
  const body = { bind_address: '127.0.0.1', on_loss: 'backup', backup_input_id: backup.id }
  const made = await weir.createInput({ name: 'Stage', ...body })
  const feed = await startFeed(made.udp_port ?? 0)
  const path = `/api/inputs/${made.id}`
  await weir.inputIs(made.id, 'with a backup that is ready', ({ backup_ready }) => backup_ready?.ok === true)
  const { output, receiver } = await udpOutput(weir, made.id, 'Screens')
  const chosen = await weir.call<Input>('POST', `${path}/switch`, { to: 'backup' })
  expect([chosen.status, chosen.json.pending]).toEqual([202, 'backup'])
  await weir.inputIs(made.id, 'on the backup by hand', isOnAir('backup'))
  await weir.ok('POST', `${path}/switch`, { to: 'auto' })
  await weir.inputIs(made.id, 'back', isOnAir('main'))
  await feed.stop()
  await weir.inputIs(made.id, 'on the backup', (it) => it.on_air === 'backup' && it.on_air_reason === 'lost')
  const problem = await weir.call<{ code: string }>('POST', `${path}/switch`, { to: 'main' })
  expect([problem.status, problem.json.code]).toEqual([409, 'input.not_there'])
  const back = await startFeed(made.udp_port ?? 0)
  await weir.inputIs(made.id, 'given back', (it) => it.on_air === 'main' && it.on_air_reason === 'returned')
  await receiver.more(500)
  expect(await weir.output(made.id, output.id)).toMatchObject({ status: 'running', reconnect_count: 0 })
  const { items } = await weir.ok<{ items: { actor: string; message: string }[] }>(
    'GET',
    `${path}/events?type=input.switched`,
  )
  expect(items.map(({ message }) => message).reverse()).toEqual([
    'The backup was chosen for the air.',
    'Weir chooses by itself again what is on air.',
    'The feed was lost. The backup is on air.',
    'The feed is back on air.',
  ])
  const none = await weir.call<{ code: string }>('POST', `/api/inputs/${backup.id}/switch`, { to: 'backup' })
  expect([none.status, none.json.code]).toEqual([409, 'input.no_backup'])
  await Promise.all([spare.stop(), back.stop(), receiver[Symbol.asyncDispose]()])
})
