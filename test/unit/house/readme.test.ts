import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { ROOT } from '../../support/weir.ts'

test('README names every bench that can be run', async () => {
  const { scripts } = (await Bun.file(join(ROOT, 'package.json')).json()) as { scripts: Record<string, string> }
  const readme = await Bun.file(join(ROOT, 'README.md')).text()
  const benches = Object.keys(scripts).filter((name) => name.startsWith('bench:'))
  expect(benches.length).toBeGreaterThan(0)
  expect(benches.filter((name) => !readme.includes(`bun run ${name} `))).toEqual([])
})
