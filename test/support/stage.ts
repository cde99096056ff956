import { startFeed } from './feed.ts'
import type { FixtureName } from './fixtures.ts'
import { portRange } from './ports.ts'
import type { Program } from './processes.ts'
import type { Input, Output } from './resources.ts'
import { openUdpReceiver, type UdpReceiver } from './udp-receiver.ts'
import type { Weir } from './weir.ts'

export const running = (output: Output) => output.status === 'running'
export const active = (input: Input) => input.status === 'active'

let inputs = 0

/** An input on the loopback with a feed on it, on air. */
export async function liveInput(
  weir: Weir,
  name?: FixtureName,
): Promise<{ input: Input; feed: Program; port: number }> {
  // A port of its own: the one that an input has just left may still be sent to.
  const port = portRange(1)
  const body = { name: `live ${++inputs}`, kind: 'udp', bind_address: '127.0.0.1', udp_port: port }
  const made = await weir.createInput(body)
  const feed = await startFeed(port, name ? { name } : {})
  const input = await weir.inputIs(made.id, 'active', active)
  return { input, feed, port }
}

/** A UDP output with its receiver, running. `more` goes into the create call. */
export async function udpOutput(
  weir: Weir,
  inputId: number,
  name: string,
  more: Record<string, unknown> = {},
): Promise<{ output: Output; receiver: UdpReceiver }> {
  const receiver = await openUdpReceiver()
  const made = await weir.createOutput(inputId, { name, url: `udp://127.0.0.1:${receiver.port}`, ...more })
  const output = await weir.outputIs(made, 'running', running)
  await receiver.more(1)
  return { output, receiver }
}

/** An output by its name; one that an earlier try of the test has left, and that would stand in the way, goes first. */
export async function freshOutput(weir: Weir, inputId: number, body: Record<string, unknown>): Promise<Output> {
  const path = `/api/inputs/${inputId}/outputs`
  for (const { id, name } of await weir.ok<Output[]>('GET', path))
    if (name === body['name']) await weir.call('DELETE', `${path}/${id}`)
  return weir.createOutput(inputId, body)
}
