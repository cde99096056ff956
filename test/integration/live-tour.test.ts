import { expect, test } from 'bun:test'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { freeUdpPort } from '../support/ports.ts'
import { tempDir } from '../support/temp.ts'
import { ROOT, startWeir, TEST_KEY } from '../support/weir.ts'

/** The lines between the README's tour marks, as a reader would paste them. */
function tourLines(): string[] {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
  const tour = readme.slice(readme.indexOf('<!-- tour -->'), readme.indexOf('<!-- /tour -->'))
  return [...tour.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap((block) => block[1]!.trim().split('\n'))
}

test(
  'every line of the tour in the README works, pasted one by one into a fresh server',
  async () => {
    await using weir = await startWeir()
    const copy = join(tempDir('tour'), 'tour.ts')
    const replaced = [
      ['http://localhost:8080', weir.url],
      ['$(cat data/api-key)', TEST_KEY],
      ['127.0.0.1:6000', `127.0.0.1:${await freeUdpPort()}`],
      ['127.0.0.1:9000', `127.0.0.1:${await freeUdpPort()}`],
      ['5000', String(await freeUdpPort())],
      ['/tmp/weir-tour.ts', copy],
    ] as const
    const lines = tourLines()
    expect(lines.length).toBeGreaterThan(15)

    const shell = Bun.spawn(['setpriv', '--pdeathsig', 'KILL', '--', 'bash'], {
      stdin: 'pipe',
      stdout: 'pipe',
      stderr: 'pipe',
    })
    const said = Promise.all([new Response(shell.stdout).text(), new Response(shell.stderr).text()])
    for (const line of lines) {
      const mine = replaced.reduce((text, [from, to]) => text.replaceAll(from, to), line)
      // `$?` must be that of the pasted line; a line that fails ends the paste.
      shell.stdin.write(`${mine}\n[ $? = 0 ] || { echo ${Bun.$.escape(`FAILED: ${line}`)}; exit 1; }\n`)
    }
    shell.stdin.write('kill %1\n')
    await shell.stdin.end()
    const [out, errors] = await said
    expect({ out, errors, code: await shell.exited }).toMatchObject({ code: 0 })
    expect(out).toContain('h264')
    expect(out).toContain('event: stats')
    expect(await weir.ok<unknown[]>('GET', '/api/inputs')).toEqual([])
    rmSync(copy, { force: true })
  },
  { timeout: 120_000 },
)
