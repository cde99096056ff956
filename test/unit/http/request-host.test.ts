import { expect, test } from 'bun:test'
import type { HttpContext } from '../../../src/http/endpoint.ts'
import { requestHost } from '../../../src/http/request-host.ts'

const at = (url: string, publicUrl: string | null = null) => requestHost({ req: { url } } as HttpContext, publicUrl)

test('the public address decides, else what the client asked for', () => {
  expect(at('http://10.0.0.1:8080/api', 'https://live.example.org')).toBe('live.example.org')
  expect(at('http://10.0.0.1:8080/api')).toBe('10.0.0.1')
  expect(at('http://Weir.Example/api')).toBe('weir.example')
  expect(at('http://[::1]:8080/api')).toBe('::1')
})

test('a Host that a shell would read as more than a name is not shown', () => {
  for (const host of ['a`reboot`', 'a$(id)', 'a"b', "a'b", 'a;b', 'a&b']) {
    expect(new URL(`http://${host}/`).hostname).toBe(host)
    expect(at(`http://${host}/api`)).toBe('localhost')
  }
})
