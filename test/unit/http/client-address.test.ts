import { expect, test } from 'bun:test'
import { createClientAddress } from '../../../src/http/client-address.ts'

test.each<[string, string[], string, string | undefined, string]>([
  ['no proxy is trusted', [], '192.0.2.1', '198.51.100.7', '192.0.2.1'],
  ['a mapped IPv4 peer is shown plain', [], '::ffff:192.0.2.1', undefined, '192.0.2.1'],
  ['a trusted proxy speaks', ['127.0.0.1'], '127.0.0.1', '198.51.100.7', '198.51.100.7'],
  ['a trusted proxy over a dual-stack socket', ['127.0.0.0/8'], '::ffff:127.0.0.1', '198.51.100.7', '198.51.100.7'],
  ['what the client wrote itself is not believed', ['127.0.0.1'], '127.0.0.1', '1.1.1.1, 198.51.100.7', '198.51.100.7'],
  [
    'a chain of trusted proxies',
    ['127.0.0.1', '10.0.0.0/8'],
    '127.0.0.1',
    '1.1.1.1, 198.51.100.7, 10.1.2.3',
    '198.51.100.7',
  ],
  ['IPv6', ['fd00::/8'], 'fd00::1', '2001:db8::1', '2001:db8::1'],
  ['nonsense from the proxy', ['127.0.0.1'], '127.0.0.1', 'unknown', '127.0.0.1'],
  ['an empty header', ['127.0.0.1'], '127.0.0.1', '', '127.0.0.1'],
  ['no header', ['127.0.0.1'], '127.0.0.1', undefined, '127.0.0.1'],
  ['no socket', ['127.0.0.1'], '', '1.1.1.1', ''],
])('%s', (_, trusted, peer, forwarded, expected) => {
  expect(createClientAddress(trusted)(peer, forwarded)).toBe(expected)
})
