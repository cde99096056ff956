import { describe, expect, test } from 'bun:test'
import {
  isLoopback,
  isMulticast,
  isOffLimits,
  isPrivate,
  isWildcard,
  parseAddress,
  parseCidr,
  parseHost,
  toHostKey,
  toUrlHost,
} from '../../../src/lib/host.ts'

describe('parseHost', () => {
  test.each([
    ['Example.COM', 'example.com', 'name'],
    ['example.com.', 'example.com', 'name'],
    ['bücher.de', 'xn--bcher-kva.de', 'name'],
    ['rtmp_server', 'rtmp_server', 'name'],
    ['10.0.0.1', '10.0.0.1', 'ipv4'],
    ['::1', '::1', 'ipv6'],
    ['[2001:DB8:0:0::1]', '2001:db8::1', 'ipv6'],
    ['::ffff:127.0.0.1', '127.0.0.1', 'ipv4'],
    ['[::ffff:a00:1]', '10.0.0.1', 'ipv4'],
  ] as const)('%s', (typed, text, kind) => {
    expect(parseHost(typed)).toEqual({ text, kind })
  })

  test.each([
    '',
    ' ',
    'a b',
    'a"b',
    'a;b',
    'a$b',
    'a`b',
    "a'b",
    'a\nb',
    'a\u0000b',
    '-a.com',
    'a-.com',
    'a..b',
    'a%41',
    'x/y',
    'u@h',
    'a:80',
    '[example.com]',
    '[::1',
    'fe80::1%eth0',
    '127.1',
    '0x7f.1',
    '2130706433',
    '0177.0.0.1',
    '１２７.0.0.1',
    '256.1.1.1',
    `${'a'.repeat(64)}.de`,
    `${'a.'.repeat(130)}de`,
  ])('refuses %j', (typed) => {
    expect(parseHost(typed)).toBeNull()
  })
})

test('parseAddress takes no names', () => {
  expect(parseAddress('localhost')).toBeNull()
  expect(parseAddress('::')?.text).toBe('::')
})

test('parseCidr gives the canonical spelling or null', () => {
  expect(parseCidr('10.0.0.0/8')).toBe('10.0.0.0/8')
  expect(parseCidr('10.0.0.1')).toBe('10.0.0.1')
  expect(parseCidr('2001:DB8::/032')).toBe('2001:db8::/32')
  for (const bad of [
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    'host/8',
    '',
    '::ffff:1.2.3.4/104',
  ])
    expect(parseCidr(bad)).toBeNull()
})

test('groups, wildcards and loopback', () => {
  expect(['224.0.0.1', '239.255.0.1', 'ff02::1'].every(isMulticast)).toBe(true)
  expect(['223.0.0.1', '240.0.0.1', 'fe80::1', 'ffmpeg.org'].some(isMulticast)).toBe(false)
  expect(['0.0.0.0', '::'].every(isWildcard)).toBe(true)
  expect(['127.0.0.1', '127.9.9.9', '::1', 'localhost', 'a.localhost'].every(isLoopback)).toBe(true)
  expect(['127.example.com', '10.0.0.1', 'localhost.example'].some(isLoopback)).toBe(false)
  expect([toUrlHost('::1'), toUrlHost('a.b')]).toEqual(['[::1]', 'a.b'])
})

test.each([
  ['localhost', '127.0.0.1', true],
  ['::1', '127.0.0.1', true],
  ['cam.localhost', 'localhost', true],
  ['0.0.0.0', '::', true],
  ['127.0.0.1', '127.0.0.2', false],
  ['a.example', 'b.example', false],
  ['10.0.0.1', '127.0.0.1', false],
])('%s and %s are one machine: %p', (one, other, same) => {
  expect(toHostKey(one) === toHostKey(other)).toBe(same)
})

describe('isOffLimits', () => {
  test.each([
    '169.254.169.254',
    '169.254.0.1',
    '::ffff:169.254.169.254',
    '[::ffff:a9fe:a9fe]',
    '::169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    '2002:a9fe:a9fe::1',
    '2002:a9fe::1',
    '::ffff:0:169.254.169.254',
    '64:ff9b:1::a9fe:a9fe',
    '192.0.0.192',
    'fe80::1',
    'FEBF::1',
    'fd00:ec2::254',
    '100.100.100.200',
    'Metadata.Google.Internal.',
  ])('%s', (typed) => {
    expect(isOffLimits(parseHost(typed)?.text ?? '')).toBe(true)
  })
  test.each([
    '169.253.1.1',
    '10.0.0.1',
    '127.0.0.1',
    'fec0::1',
    'fd00:ec2::253',
    '64:ff9b::a00:1',
    '2002:a00:1::1',
    '::1',
    'example.com',
    '169.254.example.com',
  ])('not %s', (typed) => {
    expect(isOffLimits(parseHost(typed)?.text ?? '')).toBe(false)
  })
})

describe('isPrivate', () => {
  test.each([
    ...['0.0.0.0', '10.1.2.3', '127.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1', '100.127.0.1'],
    ...[
      '169.254.1.1',
      '224.0.0.1',
      '239.1.1.1',
      '::ffff:10.0.0.1',
      '::',
      '::1',
      'fc00::1',
      'fdab::1',
      'fe80::1',
      'ff02::1',
    ],
    ...['192.0.0.1', '198.18.0.1', '198.19.9.9', '240.0.0.1', '255.255.255.255', 'fec0::1', '64:ff9b:1::808:808'],
    ...['2002:7f00::1', '2002:a00:1::1', '::7f00:1', '64:ff9b::7f00:0', '64:ff9b::1'],
    ...['64:ff9b::a00:1', 'localhost', 'x.localhost', 'nas.local', 'db.internal', 'router.lan', 'nas'],
  ])('%s', (typed) => {
    expect(isPrivate(parseHost(typed)?.text ?? '')).toBe(true)
  })
  test.each([
    ...['9.9.9.9', '11.0.0.1', '172.15.0.1', '172.32.0.1', '192.169.0.1', '100.63.0.1', '100.128.0.1', '2001:db8::1'],
    ...['192.0.1.1', '198.17.0.1', '198.20.0.1', '2002:808:808::1', '2a00::a00:1'],
    ...['64:ff9b::808:808', 'example.com', 'local.example.com', 'mylocal.example'],
  ])('not %s', (typed) => {
    expect(isPrivate(parseHost(typed)?.text ?? '')).toBe(false)
  })
})
