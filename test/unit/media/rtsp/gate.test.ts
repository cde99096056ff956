import { describe, expect, test } from 'bun:test'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { toUrlHost } from '../../../../src/lib/host.ts'
import { openRtspGate } from '../../../../src/media/rtsp/gate.ts'
import { within } from '../../../support/waiting.ts'

/** A server on `address` that answers each request with `says`, and what reached it. */
function openServer(address: string, says: string) {
  const heard: string[] = []
  const listener = Bun.listen({
    hostname: address,
    port: 0,
    socket: {
      data(socket, bytes) {
        heard.push(bytes.toString())
        socket.write(says)
      },
    },
  })
  return { heard, port: listener.port, [Symbol.dispose]: () => listener.stop(true) }
}

/** What an FFmpeg gets for one request through a gate before that server; '' where the gate closes. */
async function ask(server: { port: number }, address: string, method: string) {
  const gate = openRtspGate(
    {
      ...({
        protocol: 'rtsp',
        tls: false,
        tlsVerify: true,
        host: 'cam.example',
        port: server.port,
        path: 'live',
      } as const),
      ...({ transport: 'udp', username: null, password: null, address } as const),
    },
    null,
  )
  const { promise, resolve } = Promise.withResolvers<string>()
  const client = connect({ host: gate.host, port: gate.port })
  client.on('data', (bytes) => resolve(bytes.toString()))
  client.on('close', () => resolve(''))
  client.on('error', () => resolve(''))
  client.write(`${method} rtsp://${toUrlHost(gate.host)}:${gate.port}/live RTSP/1.0\r\nCSeq: 1\r\n\r\n`)
  try {
    return { answer: await within(5_000, 'an answer', promise), verdict: gate.verdict }
  } finally {
    client.destroy()
    gate.close()
  }
}

const setup = (transport: string) => `RTSP/1.0 200 OK\r\nCSeq: 1\r\nTransport: ${transport}\r\nSession: 7\r\n\r\n`

const hasIpv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1'))

describe.each(['127.0.0.1', ...(hasIpv6 ? ['::1'] : [])])('the gate before an RTSP server at %s', (address) => {
  test('asks for the name, at the address that was looked at', async () => {
    using server = openServer(address, 'RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n')
    expect((await ask(server, address, 'OPTIONS')).answer).toStartWith('RTSP/1.0 200')
    expect(server.heard[0]).toStartWith(`OPTIONS rtsp://cam.example:${server.port}/live RTSP/1.0\r\n`)
  })

  test.each([
    ['RTP/AVP;unicast;client_port=5000-5001;server_port=6000-6001', ';source=ADDRESS'],
    ['RTP/AVP;unicast;source=10.0.0.1;client_port=5000-5001', ';source=ADDRESS'],
    ['RTP/AVP/TCP;unicast;interleaved=0-1', ''],
  ])('media of %s comes from that address alone', async (transport, added) => {
    using server = openServer(address, setup(transport))
    const { answer } = await ask(server, address, 'SETUP')
    const told = transport.replace(/;source=[^;]*/, '') + added.replace('ADDRESS', address)
    expect(answer).toBe(setup(told))
  })

  test('follows nobody', async () => {
    using server = openServer(address, 'RTSP/1.0 302 Moved\r\nCSeq: 1\r\nLocation: rtsp://10.0.0.1/\r\n\r\n')
    const { answer, verdict } = await ask(server, address, 'DESCRIBE')
    expect(answer).toBe('')
    expect(verdict).toMatchObject({ class: 'rejected', words: expect.stringContaining('another address') })
  })
})
