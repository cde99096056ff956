import { expect, test } from 'bun:test'
import { showWarnings } from '../../../../src/media/program/show-warnings.ts'

type Facts = Parameters<typeof showWarnings>[0]
const FINE: Facts = { onAir: 'main', onAirMs: 60_000, isByHand: false, backupReady: null, hasLostBackup: false }

test.each<[string, Partial<Facts>, string[]]>([
  ['all is well', {}, []],
  ['a short fill', { onAir: 'freeze', onAirMs: 9_000 }, []],
  ['a long freeze', { onAir: 'freeze', onAirMs: 11_000 }, ['input.on_fill']],
  ['a long slate', { onAir: 'slate', onAirMs: 11_000 }, ['input.on_fill']],
  ['the backup on air', { onAir: 'backup', onAirMs: 0 }, ['input.on_backup']],
  ['a backup alike', { backupReady: { ok: true, differs: [] } }, []],
  ['a silent backup', { backupReady: { ok: false, differs: [] } }, ['input.backup_down']],
  ['a deleted backup', { hasLostBackup: true }, ['input.backup_down']],
  ['a backup of another size', { backupReady: { ok: true, differs: ['size'] } }, ['input.backup_differs']],
  ['a backup of another sound', { backupReady: { ok: false, differs: ['audio'] } }, ['input.backup_differs']],
])('%s', (_what, facts, codes) => {
  expect(showWarnings({ ...FINE, ...facts }).map(({ code }) => code)).toEqual(codes)
})

test('what was chosen by hand is no fault of the sender', () => {
  const words = (isByHand: boolean) => showWarnings({ ...FINE, onAir: 'slate', isByHand })[0]?.message
  expect(words(false)).toContain('Check the sender.')
  expect(words(true)).toContain('chosen by hand')
})

test('says whether outputs restart', () => {
  const words = (ok: boolean) => showWarnings({ ...FINE, backupReady: { ok, differs: ['codec'] } })[0]?.message
  expect(words(true)).toContain('Outputs go on')
  expect(words(false)).toContain('Outputs restart')
})
