import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** Where a line stands, the line, and the rule that must refuse it (null = none of them may). */
type Row = [file: string, line: string, rule: string | null]

const CYCLE = 'lint/suspicious/noImportCycles'
const ROOM = 'lint/style/noRestrictedImports'
const OF = (path: string) => `import { x } from '${path}'`

const ROWS: Row[] = [
  ['src/main.ts', OF('./inputs/inputs.service.ts'), ROOM],
  ['src/main.ts', OF('./media/client.ts'), ROOM],
  ['src/main.ts', OF('hono'), ROOM],
  ['src/main.ts', OF('./app.ts'), null],
  ['src/main.ts', OF('./house.ts'), null],
  ['src/main.ts', OF('./commands.ts'), null],
  ['src/commands.ts', OF('hono'), ROOM],
  ['src/admin.ts', OF('./media/hub.ts'), ROOM],
  ['src/subjects.ts', OF('./app.ts'), ROOM],
  ['src/lib/access.ts', OF('../http/endpoint.ts'), ROOM],
  ['src/app.ts', OF('./media/hub.ts'), ROOM],
  ['src/app.ts', OF('hono'), ROOM],
  ['src/app.ts', OF('./main.ts'), ROOM],
  ['src/app.ts', OF('./media/spawn.ts'), null],
  ['src/app.ts', OF('./inputs/inputs.routes.tsx'), null],
  ['src/house.ts', OF('./media/spawn.ts'), null],
  ['src/house.ts', OF('./media/hub.ts'), ROOM],
  ['src/routes.ts', OF('./app.ts'), ROOM],
  ['src/routes.ts', OF('./house.ts'), ROOM],
  ['src/routes.ts', OF('./media/worker.ts'), ROOM],
  ['src/routes.ts', OF('hono'), null],
  ['src/pages/page.tsx', OF('../app.ts'), ROOM],
  ['src/pages/page.tsx', OF('../live/live.ts'), null],
  ['src/inputs/inputs.service.ts', OF('../outputs/outputs.service.ts'), ROOM],
  ['src/inputs/inputs.service.ts', OF('../pages/page.tsx'), ROOM],
  ['src/inputs/inputs.service.ts', OF('../routes.ts'), ROOM],
  ['src/inputs/inputs.service.ts', OF('../media/supervisor.ts'), ROOM],
  ['src/inputs/inputs.service.ts', OF('hono'), ROOM],
  ['src/inputs/inputs.service.ts', OF('@hono/zod-validator'), ROOM],
  ['src/inputs/inputs.service.ts', OF('../live/live.ts'), null],
  ['src/inputs/inputs.service.ts', OF('../media/protocol.ts'), null],
  ['src/inputs/inputs.views.tsx', OF('hono/jsx'), null],
  ['src/inputs/inputs.routes.tsx', OF('hono'), null],
  ['src/inputs/inputs.routes.tsx', OF('../system/system.service.ts'), ROOM],
  ['src/outputs/outputs.service.ts', OF('../inputs/inputs.service.ts'), ROOM],
  ['src/system/system.service.ts', OF('../inputs/inputs.service.ts'), ROOM],
  ['src/system/system.service.ts', OF('../users/session.service.ts'), ROOM],
  ['src/inputs/inputs.service.ts', OF('../users/session.service.ts'), ROOM],
  ['src/users/session.service.ts', OF('../system/system.service.ts'), ROOM],
  ['src/users/session.service.ts', OF('hono'), ROOM],
  ['src/users/session.service.ts', OF('../db/client.ts'), null],
  ['src/users/session.routes.ts', OF('hono'), null],
  ['src/demo/demo.ts', OF('../live/live.ts'), ROOM],
  ['src/demo/demo.ts', OF('../media/spawn.ts'), ROOM],
  ['src/demo/demo.ts', OF('../media/process.ts'), null],
  ['src/main.ts', OF('./demo/demo.ts'), null],
  ['src/live/live.ts', OF('../users/session.service.ts'), ROOM],
  ['src/live/live.ts', OF('../inputs/inputs.schema.ts'), ROOM],
  ['src/live/live.ts', OF('../http/sse.ts'), ROOM],
  ['src/live/live.ts', OF('../media/input.ts'), ROOM],
  ['src/live/live.ts', OF('../media/client.ts'), null],
  ['src/live/live.ts', OF('../db/client.ts'), null],
  ['src/media/supervisor.ts', OF('../db/client.ts'), ROOM],
  ['src/media/supervisor.ts', OF('../http/reply.tsx'), ROOM],
  ['src/media/supervisor.ts', OF('../config.ts'), ROOM],
  ['src/media/supervisor.ts', OF('../live/live.ts'), ROOM],
  ['src/media/ffmpeg/arguments.ts', OF('../../live/live.ts'), ROOM],
  ['src/media/supervisor.ts', OF('drizzle-orm'), ROOM],
  ['src/media/supervisor.ts', OF('../lib/clock.ts'), null],
  ['src/media/supervisor.ts', OF('./protocol.ts'), null],
  ['src/media/supervisor.ts', OF('../imaging/client.ts'), ROOM],
  ['src/app.ts', OF('./imaging/worker.ts'), ROOM],
  ['src/app.ts', OF('./imaging/client.ts'), null],
  ['src/main.ts', OF('./imaging/child.ts'), null],
  ['src/imaging/runner.ts', OF('../media/process.ts'), null],
  ['src/imaging/runner.ts', OF('../media/supervisor.ts'), ROOM],
  ['src/imaging/runner.ts', OF('../images/images.service.ts'), ROOM],
  ['src/images/images.service.ts', OF('../streams/streams.service.ts'), ROOM],
  ['src/images/images.service.ts', OF('../imaging/runner.ts'), ROOM],
  ['src/images/images.service.ts', OF('../media/client.ts'), ROOM],
  ['src/images/images.service.ts', OF('hono'), ROOM],
  ['src/images/images.service.ts', OF('../imaging/client.ts'), null],
  ['src/images/images.service.ts', OF('../db/tables/streams.ts'), null],
  ['src/images/bytes/bytes.routes.ts', OF('hono'), null],
  ['src/images/bytes/bytes.routes.ts', OF('../../users/accounts.ts'), ROOM],
  ['src/streams/streams.service.ts', OF('../images/images.service.ts'), ROOM],
  ['src/live/live.ts', OF('../images/images.service.ts'), ROOM],
  ['src/imaging/runner.ts', OF('../config.ts'), ROOM],
  ['src/imaging/runner.ts', OF('../lib/clock.ts'), null],
  ['src/http/reply.tsx', OF('../db/client.ts'), ROOM],
  ['src/http/reply.tsx', OF('../inputs/inputs.views.tsx'), ROOM],
  ['src/http/reply.tsx', OF('hono'), null],
  ['src/browser/times.ts', OF('../ui/layout.tsx'), ROOM],
  ['src/browser/times.ts', OF('../http/form.ts'), ROOM],
  ['src/browser/times.ts', OF('../ui/format.ts'), null],
  ['src/browser/times.ts', OF('./dom.ts'), null],
  ['src/ui/layout.tsx', OF('../http/reply.tsx'), ROOM],
  ['src/ui/layout.tsx', OF('hono'), ROOM],
  ['src/ui/layout.tsx', OF('hono/jsx'), null],
  ['src/db/client.ts', OF('../live/live.ts'), ROOM],
  ['src/db/client.ts', OF('hono'), ROOM],
  ['src/db/client.ts', OF('drizzle-orm'), null],
  ['src/lib/ring.ts', OF('../errors.ts'), ROOM],
  ['src/lib/ring.ts', OF('./clock.ts'), null],
  ['src/errors.ts', OF('../test/x.ts'), ROOM],
  ['src/bus.ts', OF('./live/live.ts'), ROOM],
  ['src/bus.ts', OF('./media/protocol.ts'), null],
  ['src/config.ts', OF('./http/server.ts'), ROOM],
  ['src/live/specs.ts', `export const y = process.env['HOME']`, 'lint/style/noProcessEnv'],
  ['src/config.ts', `export const y = process.env['HOME']`, null],
  ['src/live/exit.ts', 'process.exit(1)', 'lint/nursery/noProcessExit'],
  ['src/main.ts', 'process.exit(1)', null],
  ['src/media/process.ts', `export const y = Bun.spawn(['true'])`, 'plugin'],
  ['src/system/run.ts', `export const y = Bun.spawnSync(['true'], { env: {} })`, 'plugin'],
  ['src/system/run.ts', `import { spawn } from 'node:child_process'`, 'plugin'],
  ['src/media/spawn.ts', `export const y = Bun.spawn(['true'])`, null],
  ['src/system/run.ts', OF('execa'), 'lint/correctness/noUndeclaredDependencies'],
  ['src/live/bare.ts', OF('./live'), 'lint/correctness/useImportExtensions'],
  ['src/live/index.ts', `export { x } from './live.ts'`, 'lint/performance/noBarrelFile'],
  ['src/live/default.ts', 'export default 1', 'lint/style/noDefaultExport'],
  ['src/live/ring-a.ts', OF('./ring-b.ts'), CYCLE],
  ['src/live/ring-b.ts', OF('./ring-a.ts'), CYCLE],
]

/** The refused rows close cycles among themselves, so a row that must pass is not asked about those. */
const RULES = new Set(ROWS.map(([, , rule]) => rule).filter((rule) => rule !== CYCLE))

const root = join(import.meta.dir, '../../..')
let dir = ''
/** `file:line` to the rules that fired there. */
const fired = new Map<string, string[]>()
/** The place of each row: rows about one file are lines of it. */
const places: string[] = []

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'weir-lint-'))
  for (const name of ['biome.json', 'lint', 'package.json', '.gitignore'])
    cpSync(join(root, name), join(dir, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'))
  const lines = new Map<string, number>()
  for (const [file, line] of ROWS) {
    const number = (lines.get(file) ?? 0) + 1
    lines.set(file, number)
    places.push(`${file}:${number}`)
    mkdirSync(dirname(join(dir, file)), { recursive: true })
    appendFileSync(join(dir, file), `${line}\n`)
  }
  const biome = join(root, 'node_modules/.bin/biome')
  const done = Bun.spawnSync([biome, 'lint', '--reporter=json', '--max-diagnostics=none', 'src'], { cwd: dir })
  const report = JSON.parse(done.stdout.toString()) as {
    diagnostics: { category: string; location: { path: string; start?: { line: number } } }[]
  }
  for (const { category, location } of report.diagnostics) {
    const place = `${location.path}:${location.start?.line}`
    fired.set(place, [...(fired.get(place) ?? []), category])
  }
})

afterAll(() => rmSync(dir, { recursive: true, force: true }))

describe('the linter knows who may import whom', () => {
  for (const [index, [file, line, rule]] of ROWS.entries()) {
    test(`${file}: ${line} ${rule ? `is refused by ${rule}` : 'passes'}`, () => {
      const rules = fired.get(places[index]!) ?? []
      if (rule) expect(rules).toContain(rule)
      else expect(rules.filter((name) => RULES.has(name))).toEqual([])
    })
  }
})
