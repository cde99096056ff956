import { describe, expect, test } from 'bun:test'
import { isBackupLoop } from '../../../../src/lib/backup-loop.ts'
import { findBackups, groupByBackup } from '../../../../src/media/program/backups.ts'

const link = (id: number, backupInputId: number | null = null) => ({ id, backupInputId })

describe('backups', () => {
  test('of an input itself, or that lead back to it, are loops', () => {
    const inputs = [link(1, 2), link(2, 3), link(3), link(4)]
    expect(isBackupLoop(inputs, 1, 1)).toBe(true)
    expect(isBackupLoop(inputs, 3, 1)).toBe(true)
    expect(isBackupLoop(inputs, 3, 4)).toBe(false)
    expect(isBackupLoop(inputs, 4, 1)).toBe(false)
    expect(isBackupLoop(inputs, 1, null)).toBe(false)
  })

  test('that are gone or lead back are not used', () => {
    expect([...findBackups([link(1, 2), link(2), link(3, 9), link(4, 5), link(5, 4)])]).toEqual([
      [1, 2],
      [2, null],
      [3, null],
      [4, null],
      [5, null],
    ])
  })

  test('live with those whose backup they are, over any number of links', () => {
    const groups = groupByBackup([link(1, 2), link(2, 3), link(3), link(4), link(5, 3), link(6, 9)])
    expect(groups.map((group) => group.map(({ id }) => id))).toEqual([[1, 2, 3, 5], [4], [6]])
  })
})
