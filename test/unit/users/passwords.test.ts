import { describe, expect, test } from 'bun:test'
import { checkPassword, createPasswords } from '../../../src/users/passwords.ts'

const RUTH = { email: 'ruth@stmarks.example', name: 'Ruth Okafor' }
const refused = (password: string) => {
  try {
    checkPassword(password, RUTH)
    return false
  } catch {
    return true
  }
}

describe('what may be a password', () => {
  test.each([
    'seven swans a-swimming',
    'correct horse battery',
    '4Jx!q9_ZpL2#w',
    'пять золотых колец',
    '🐦🐦🦢🦢🐔🐔🍐🌳🥁🪈👯🎄',
  ])('%p may', (password) => expect(refused(password)).toBe(false))
  test.each([
    'short',
    'eleven char',
    'aaaaaaaaaaaaaa',
    'abababababab',
    '123456789012',
    'Password1234!',
    'passwordpassword',
    'qwertyuiop123',
    'ruth@stmarks.example',
    'RuthOkafor123',
    'weiradmin2026',
  ])('%p may not', (password) => expect(refused(password)).toBe(true))
})

describe('hashes', () => {
  test('argon2id with 19 MiB and 2 passes; the right one and no other', async () => {
    const passwords = await createPasswords()
    const hash = await passwords.hash('seven swans a-swimming')
    expect(hash).toStartWith('$argon2id$v=19$m=19456,t=2,p=1$')
    expect(await passwords.verify('seven swans a-swimming', hash)).toBe(true)
    expect(await passwords.verify('seven swans a-swimmin', hash)).toBe(false)
    expect(await passwords.hash('seven swans a-swimming')).not.toBe(hash)
  })

  test('nobody has none: not even the one that the work is done with', async () => {
    const passwords = await createPasswords()
    expect(await passwords.verify('nobody has this password', null)).toBe(false)
  })

  test('two spellings of one letter are one password', async () => {
    const passwords = await createPasswords()
    const hash = await passwords.hash('cafe\u0301 au lait, deux')
    expect(await passwords.verify('caf\u00e9 au lait, deux', hash)).toBe(true)
  })

  test('a crowd waits its turn, and too large a crowd is told to come back', async () => {
    const passwords = await createPasswords()
    const hash = await passwords.hash('seven swans a-swimming')
    const tries = Array.from({ length: 60 }, () => passwords.verify('wrong', hash).catch((error: Error) => error))
    const answers = await Promise.all(tries)
    const sentAway = answers.filter((answer) => answer instanceof Error)
    expect(sentAway).toHaveLength(8)
    expect(answers.filter((answer) => answer === false)).toHaveLength(52)
    expect(await passwords.verify('seven swans a-swimming', hash)).toBe(true)
  }, 60_000)
})
