import { expect, test } from 'bun:test'
import { freeUdpPort } from '../support/ports.ts'
import { startWeir, type Weir } from '../support/weir.ts'

/** Runs a line as a person would, in a shell; it ends with the test. */
function runLine(line: string): AsyncDisposable {
  const child = Bun.spawn(['setpriv', '--pdeathsig', 'KILL', '--', 'sh', '-c', `exec ${line}`], {
    stdio: ['ignore', 'ignore', 'ignore'],
  })
  return {
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await child.exited
    },
  }
}

const active = (weir: Weir, id: number) =>
  weir.inputIs(id, 'active with picture and sound', (input) => {
    return input.status === 'active' && input.stats.video !== null && input.stats.audio !== null
  })

test.each([
  { kind: 'udp', bind_address: '127.0.0.1' },
  { kind: 'udp', multicast_group: '239.255.42.7', interface: '127.0.0.1' },
  { kind: 'rtmp' },
  { kind: 'srt_listener' },
])('the line that an input prints feeds it, as it stands: %j', async (body) => {
  await using weir = await startWeir()
  const isGroup = 'multicast_group' in body
  const input = await weir.createInput({
    name: 'Example',
    ...body,
    ...(isGroup && { udp_port: await freeUdpPort() }),
  })
  await weir.inputIs(input.id, 'waiting', ({ status }) => status === 'inactive')
  const line = input.publish_example ?? ''
  // By which network a group leaves is the sender's affair; here it is the loopback.
  await using _sender = runLine(isGroup ? line.replace('?', '?localaddr=127.0.0.1&') : line)
  const fed = await active(weir, input.id)
  expect(fed.source).toMatch(/^127\.0\.0\.1:\d+$/)
  expect(fed.stats.video?.width).toBe(1280)
})

test('a new key puts the publisher out, and the old line opens nothing any more', async () => {
  await using weir = await startWeir()
  const input = await weir.createInput({ name: 'Keyed', kind: 'rtmp' })
  await weir.inputIs(input.id, 'waiting', ({ status }) => status === 'inactive')
  {
    await using _sender = runLine(input.publish_example ?? '')
    await active(weir, input.id)
    await weir.ok('POST', `/api/inputs/${input.id}/publish-key`)
    await weir.inputIs(input.id, 'without a source', ({ status, source }) => status === 'inactive' && source === null)
  }
  await using _again = runLine(input.publish_example ?? '')
  const renewed = await weir.input(input.id)
  await using _right = runLine(renewed.publish_example ?? '')
  await active(weir, input.id)
  const events = await weir.ok<{ items: { type: string }[] }>('GET', `/api/inputs/${input.id}/events`)
  expect(events.items.map(({ type }) => type)).toContain('input.key_renewed')
})
