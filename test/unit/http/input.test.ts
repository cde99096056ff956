import { describe, expect, test } from 'bun:test'
import { z } from 'zod'
import { isAppError } from '../../../src/errors.ts'
import { parseForm, toInvalid } from '../../../src/http/input.ts'

describe('parseForm', () => {
  test.each<[string, string, unknown]>([
    ['flat', 'name=A+B&udp_port=5000', { name: 'A B', udp_port: '5000' }],
    ['dotted names nest', 'options.ttl=4&options.interface=eth0', { options: { ttl: '4', interface: 'eth0' } }],
    ['repeated names are a list', 'allow_from=a&allow_from=b&allow_from=c', { allow_from: ['a', 'b', 'c'] }],
    ['empty values stay', 'name=', { name: '' }],
    ['nothing', '', {}],
    ['inherited names are plain fields', 'constructor=x&toString.a=y', { constructor: 'x', toString: { a: 'y' } }],
  ])('%s', (_, text, expected) => {
    expect(parseForm(text)).toEqual(expected as Record<string, unknown>)
  })

  test.each([
    ['__proto__', '__proto__.admin=1'],
    ['a proto inside', 'a.__proto__.b=1'],
    ['an empty part', 'a..b=1'],
    ['a value that is also a parent', 'a=1&a.b=2'],
    ['a parent that is also a value', 'a.b=2&a=1'],
    ['a hundred levels', `${'a.'.repeat(100)}b=1`],
  ])('%s is malformed', (_, text) => {
    expect(() => parseForm(text)).toThrow(/malformed|contradict/)
    expect(Object.hasOwn(Object.prototype, 'admin')).toBe(false)
  })
})

describe('toInvalid', () => {
  const schema = z.strictObject({ name: z.string(), options: z.strictObject({ ttl: z.int() }).optional() })
  const errorsOf = (value: unknown) => {
    const error = toInvalid(schema.safeParse(value).error as z.ZodError)
    expect(isAppError(error)).toBe(true)
    return error.errors
  }

  test('names each unknown field, nested ones with their path', () => {
    expect(errorsOf({ name: 'x', a: 1, b: 2, options: { ttl: 1, c: 3 } })).toEqual([
      { path: 'options.c', message: 'Unknown field.' },
      { path: 'a', message: 'Unknown field.' },
      { path: 'b', message: 'Unknown field.' },
    ])
  })

  test('what is no object is told in words', () => {
    for (const value of [[], 'text', 7, null])
      expect(errorsOf(value)).toEqual([{ path: '', message: 'A JSON object is expected.' }])
  })

  test('paths are dotted', () => {
    expect(errorsOf({ name: 'x', options: { ttl: 'x' } })?.[0]?.path).toBe('options.ttl')
  })

  test('thousands of complaints are cut to fifty short ones', () => {
    const value = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`${'k'.repeat(1000)}${i}`, 1]))
    const errors = errorsOf(value) ?? []
    expect(errors).toHaveLength(50)
    expect(Math.max(...errors.map((error) => error.path.length))).toBeLessThanOrEqual(200)
  })
})
