import { describe, expect, test } from 'bun:test'
import { toLoginPath, toNextPath } from '../../../src/http/next-path.ts'

describe('where to go after sign-in', () => {
  test.each(['/', '/inputs/3', '/inputs/3?tab=log&x=%2F', '/system'])('%s is of this site', (path) => {
    expect(toNextPath(path)).toBe(path)
  })

  test.each([
    undefined,
    '',
    'inputs/3',
    'https://evil.example/',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    ' //evil.example',
    '/..//evil.example',
    '/.//evil.example',
    '/%2e%2e//evil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    '/é',
    '/x\r\nSet-Cookie: a=b',
    `/${'a'.repeat(500)}`,
  ])('%p leads to the dashboard', (path) => {
    expect(toNextPath(path)).toBe('/')
  })

  test('a path with dots is shown as the browser would resolve it', () => {
    expect(toNextPath('/inputs/../system')).toBe('/system')
    expect(toNextPath('/a#b')).toBe('/a')
  })

  test('the address of the sign-in page carries it', () => {
    expect(toLoginPath('/')).toBe('/login')
    expect(toLoginPath('/inputs/3?a=b&c')).toBe('/login?next=%2Finputs%2F3%3Fa%3Db%26c')
  })
})
