import { startFeed } from './feed.ts'
import { startRtmpServer } from './nginx.ts'
import { startPictureFeed } from './picture-feed.ts'
import { freeTcpPort } from './ports.ts'
import type { Input, Output } from './resources.ts'
import { active, running } from './stage.ts'
import { openUdpReceiver } from './udp-receiver.ts'
import type { Weir } from './weir.ts'

export type Showcase = AsyncDisposable & { main: Input; outputs: Output[] }

/** Pictures that differ at a glance; FFmpeg draws them. */
const PICTURES = {
  stage: drawn('circular', '140b33 5b2a86 d9457f ffb26b'),
  service: drawn('radial', 'fff1cf f2b84b 8a4b12 2b1606'),
}

/** Light in four colours, moving slowly: a source of FFmpeg's lavfi. */
export function drawn(
  type: 'linear' | 'radial' | 'circular' | 'spiral',
  colours: string,
  { seed = 7, size = '640x360' } = {},
): string {
  const each = colours.split(' ').map((colour, n) => `c${n}=0x${colour}`)
  return `gradients=size=${size}:rate=25:speed=0.01:nb_colors=4:seed=${seed}:type=${type}:${each.join(':')},vignette`
}

/**
 * A house in use, with real feeds and real receivers: an input in each state that people meet, outputs that run, fail and
 * rest. Everything in it is on this machine. `drawn`: pictures to look at, which take a good part of a core.
 */
export async function openShowcase(weir: Weir, o: { drawn?: true } = {}): Promise<Showcase> {
  await using stack = new AsyncDisposableStack()
  const local = { kind: 'udp', bind_address: '127.0.0.1' }
  const fed = async (name: string, picture: string) => {
    const made = await weir.createInput({ name, ...local })
    const port = made.udp_port ?? 0
    stack.use(o.drawn ? startPictureFeed(port, picture) : await startFeed(port, { name: 'small' }))
    return weir.inputIs(made.id, 'active', active)
  }
  const receiverUrl = async () => `udp://127.0.0.1:${stack.use(await openUdpReceiver({ record: false })).port}`

  const main = await fed('Main stage', PICTURES.stage)
  const service = await fed('Sunday service', PICTURES.service)
  const pattern = await weir.createInput({ name: 'Test pattern', kind: 'test', enabled: o.drawn === true })
  const drone = await weir.createInput({ name: 'River drone', ...local })
  await weir.createInput({ name: 'Choir room', ...local, enabled: false })

  const rtmp = `rtmp://127.0.0.1:${stack.use(await startRtmpServer()).port}`
  const outputs = [
    await weir.createOutput(main.id, { name: 'Website', url: `${rtmp}/live`, stream_key: 'website-key' }),
    await weir.createOutput(main.id, { name: 'Overflow hall', url: await receiverUrl() }),
    await weir.createOutput(main.id, { name: 'Foyer screens', url: await receiverUrl() }),
  ]
  const unheard = `srt://127.0.0.1:${await freeTcpPort()}`
  const failing = await weir.createOutput(main.id, { name: 'Studio', url: unheard, reconnect_delay: 40 })
  await weir.createOutput(main.id, { name: 'Archive recorder', url: await receiverUrl(), enabled: false })
  const refused = await weir.createOutput(service.id, {
    ...{ name: 'Club website', url: `${rtmp}/refuse`, stream_key: 'club-key', max_reconnect_attempts: 1 },
    ...{ reconnect_delay: 0.1 },
  })
  outputs.push(await weir.createOutput(service.id, { name: 'Hall', url: await receiverUrl() }))
  const recorder = await weir.createOutput(pattern.id, { name: 'Recorder', url: await receiverUrl() })
  if (o.drawn) outputs.push(recorder)
  await weir.createOutput(drone.id, { name: 'Landing page', url: await receiverUrl() })

  for (const output of outputs) await weir.outputIs(output, 'running', running)
  await weir.outputIs(failing, 'reconnecting', ({ status }) => status === 'reconnecting')
  await weir.outputIs(refused, 'failed', ({ status }) => status === 'error')
  const undo = stack.move()
  return { main, outputs, [Symbol.asyncDispose]: () => undo.disposeAsync() }
}
