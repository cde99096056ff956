import { describe, expect, test } from 'bun:test'
import { may, RELATIONS, RIGHTS, type Right, ROLES, rightsOf, type SCOPES, scopesOf } from '../../../src/lib/access.ts'

const person = (role: (typeof ROLES)[number] | null) => ({ role, scopes: null })
const RIGHT_NAMES = Object.keys(RIGHTS) as Right[]

/** Written by hand: what each role may without being anything to a stream. */
const ROLE_MATRIX: Record<Right, string> = {
  public: 'stranger viewer editor operator admin',
  self: 'viewer editor operator admin',
  keys: 'viewer editor operator admin',
  see: 'viewer editor operator admin',
  operate: 'operator admin',
  manage: 'admin',
  'stream.make': 'editor operator admin',
  'stream.see': 'viewer editor operator admin',
  'stream.see_private': 'operator admin',
  'stream.share': 'admin',
  'stream.edit': 'operator admin',
  'picture.see_subscribers': 'admin',
  'picture.see_private': 'admin',
  'picture.edit': 'admin',
}

test.each(RIGHT_NAMES)('%s: which roles', (right) => {
  const allowed = [null, ...ROLES].filter((role) => may(person(role), right)).map((role) => role ?? 'stranger')
  expect(allowed.join(' ')).toBe(ROLE_MATRIX[right])
})

describe('what somebody is to a stream', () => {
  const RELATED: Partial<Record<Right, string>> = {
    'stream.see_private': 'owner co_owner subscriber',
    'stream.share': 'owner co_owner',
    'stream.edit': 'owner co_owner',
    'picture.see_subscribers': 'owner co_owner subscriber',
    'picture.see_private': 'owner co_owner',
    'picture.edit': 'owner co_owner',
  }
  test.each(RIGHT_NAMES.filter((right) => !may(person('viewer'), right)))('%s for a viewer', (right) => {
    const allowed = RELATIONS.filter((relation) => may(person('viewer'), right, relation))
    expect(allowed.join(' ')).toBe(RELATED[right] ?? '')
  })
  test('a personal link makes a stranger a subscriber, and that is all it does', () => {
    const allowed = RIGHT_NAMES.filter((right) => may(person(null), right, 'subscriber'))
    expect(allowed).toEqual(['public', 'stream.see_private', 'picture.see_subscribers'])
  })
})

describe('keys', () => {
  test('the scopes of a key bound it, its role too', () => {
    const key = (role: (typeof ROLES)[number], ...scopes: (typeof SCOPES)[number][]) => ({ role, scopes })
    expect(may(key('admin', 'read'), 'see')).toBe(true)
    expect(may(key('admin', 'read'), 'operate')).toBe(false)
    expect(may(key('viewer', 'operate'), 'operate')).toBe(false)
    expect(may(key('operator', 'operate'), 'operate')).toBe(true)
    expect(may(key('operator', 'operate'), 'see')).toBe(true)
    expect(may(key('admin', 'images'), 'see')).toBe(false)
    expect(may(key('operator', 'admin'), 'manage')).toBe(false)
    expect(may(key('admin', 'operate'), 'picture.edit', 'owner')).toBe(false)
    for (const right of RIGHT_NAMES) expect(may(key('admin', 'admin'), right)).toBe(right !== 'self')
  })
  test('nobody gives what they have not', () => {
    expect(ROLES.map((role) => scopesOf(role).join(' '))).toEqual([
      'read',
      'read images',
      'read images operate',
      'read images operate admin',
    ])
  })
})

test('what pages show goes by the same table', () => {
  expect(rightsOf(person('viewer'))).toEqual(['public', 'self', 'keys', 'see', 'stream.see'])
})
