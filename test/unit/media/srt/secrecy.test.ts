import { expect, test } from 'bun:test'
import { secrecyRefusal } from '../../../../src/media/srt/secrecy.ts'

test.each([
  [null, 'none', null],
  [null, 'shared', 'It came with a passphrase, and none is set here.'],
  [null, 'broken', 'It came with a passphrase, and none is set here.'],
  ['correct-horse-battery', 'shared', null],
  ['correct-horse-battery', 'none', 'It came without a passphrase.'],
  ['correct-horse-battery', 'broken', 'Its passphrase is wrong.'],
] as const)('with the passphrase %p here, a caller whose keys are %p hears %p', (passphrase, secrecy, words) => {
  expect(secrecyRefusal({ secrecy }, passphrase)).toBe(words)
})
