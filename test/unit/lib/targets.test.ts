import { describe, expect, test } from 'bun:test'
import { createTargets, OFF_LIMITS, PRIVATE } from '../../../src/lib/targets.ts'

const answering = (answers: readonly string[], denyPrivate = false) =>
  createTargets({ denyPrivate, resolve: async () => answers }).find('camera.example')

describe('where a name leads', () => {
  test.each([
    [['169.254.169.254']],
    [['93.184.216.34', '169.254.169.254']],
    [['2606:2800:220:1::1', 'fe80::1']],
    [['::ffff:169.254.169.254']],
    [['::ffff:a9fe:a9fe']],
    [['64:ff9b::a9fe:a9fe']],
    [['2002:a9fe:a9fe::']],
    [['fd00:ec2::254']],
    [['100.100.100.200']],
    [['fe80::1%eth0']],
    [['not an address']],
  ])('%j: off limits, whatever the setting', async (answers) => {
    expect(await answering(answers)).toEqual({ is: 'refused', words: OFF_LIMITS })
    expect((await answering(answers, true)).is).toBe('refused')
  })

  test.each([
    [['127.0.0.1']],
    [['93.184.216.34', '10.0.0.1']],
    [['::1']],
    [['::ffff:192.168.1.1']],
    [['64:ff9b::7f00:1']],
    [['2002:a00:1::']],
    [['fd12::1']],
    [['0.0.0.0']],
    [['239.1.1.1']],
  ])('%j: only where private addresses are allowed', async (answers) => {
    expect((await answering(answers)).is).toBe('allowed')
    expect(await answering(answers, true)).toEqual({ is: 'refused', words: PRIVATE })
  })

  test('public addresses, IPv4 first, mapped ones as what they are', async () => {
    const addresses = ['93.184.216.34', '93.184.216.35', '2606:2800:220:1::1']
    const answers = ['2606:2800:220:1::1', '93.184.216.34', '::ffff:93.184.216.35']
    expect(await answering(answers, true)).toEqual({ is: 'allowed', addresses: addresses as [string] })
  })

  test('nowhere, by an error or by no answer', async () => {
    const failing = createTargets({ denyPrivate: false, resolve: () => Promise.reject(new Error('ENOTFOUND')) })
    expect((await failing.find('camera.example')).is).toBe('unknown')
    expect((await answering([])).is).toBe('unknown')
  })

  test('a resolver that never answers is waited for no longer than the caller does', async () => {
    const mute = createTargets({ denyPrivate: false, resolve: () => new Promise(() => undefined) })
    const leaving = new AbortController()
    const found = mute.find('camera.example', leaving.signal)
    leaving.abort()
    expect((await found).is).toBe('unknown')
  })
})

test('addresses, and names that mean something here alone, ask no resolver', async () => {
  const resolve = () => expect.unreachable()
  const open = createTargets({ denyPrivate: false, resolve })
  const denying = createTargets({ denyPrivate: true, resolve })
  expect(await open.find('10.0.0.1')).toEqual({ is: 'allowed', addresses: ['10.0.0.1'] })
  expect((await open.find('metadata.google.internal')).is).toBe('refused')
  for (const host of ['10.0.0.1', '::1', 'localhost', 'nas', 'db.internal'])
    expect(await denying.find(host)).toEqual({ is: 'refused', words: PRIVATE })
})
