import { describe, expect, test } from 'bun:test'
import { checkSameOrigin, mayUseCookie, securityHeaders } from '../../../src/http/guard.ts'

function allowed(method: string, headers: Record<string, string>, publicUrl: string | null = null): boolean {
  try {
    checkSameOrigin(new Request('http://weir.local:8080/api/inputs', { method, headers }), publicUrl)
    return true
  } catch {
    // The refusal is what is asked for here.
    return false
  }
}

describe('checkSameOrigin', () => {
  test.each<[string, string, Record<string, string>, boolean]>([
    ['curl', 'POST', {}, true],
    ['our own page', 'POST', { origin: 'http://weir.local:8080', 'sec-fetch-site': 'same-origin' }, true],
    ['our own page behind a TLS proxy', 'DELETE', { origin: 'https://weir.local:8080' }, true],
    ['typed by the user', 'POST', { 'sec-fetch-site': 'none' }, true],
    ['another site', 'POST', { origin: 'https://evil.example' }, false],
    ['another site by fetch metadata alone', 'PATCH', { 'sec-fetch-site': 'cross-site' }, false],
    ['a sister domain', 'POST', { 'sec-fetch-site': 'same-site', origin: 'http://weir.local:8080' }, false],
    ['a sandboxed frame', 'POST', { origin: 'null' }, false],
    ['another port', 'POST', { origin: 'http://weir.local:9999' }, false],
    ['reading from another site', 'GET', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, true],
  ])('%s', (_, method, headers, expected) => {
    expect(allowed(method, headers)).toBe(expected)
  })

  test('PUBLIC_URL is our own too', () => {
    expect(allowed('POST', { origin: 'https://weir.example.org' }, 'https://weir.example.org')).toBe(true)
    expect(allowed('POST', { origin: 'https://weir.example.org' })).toBe(false)
  })
})

test('only a server with TLS in front asks browsers for TLS', () => {
  expect(securityHeaders('https://weir.example.org')['strict-transport-security']).toBeDefined()
  expect(securityHeaders('http://weir.example.org')['strict-transport-security']).toBeUndefined()
  expect(securityHeaders(null)['x-content-type-options']).toBe('nosniff')
})

describe('mayUseCookie', () => {
  test.each<[string, string, Record<string, string>, boolean]>([
    ['a program with a cookie jar', 'POST', {}, true],
    ['our own page', 'POST', { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' }, true],
    ['typed by the user', 'GET', { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }, true],
    ['a link on another site', 'GET', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, true],
    ['a form on another site', 'POST', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, false],
    ['a picture on another site', 'GET', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, false],
    ['a script of a sister domain', 'GET', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' }, false],
  ])('%s', (_, method, headers, expected) => {
    expect(mayUseCookie(new Request('http://weir.local/', { method, headers }))).toBe(expected)
  })
})
