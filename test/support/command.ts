import { PROGRAM } from './program.ts'

export type Run = { code: number; stdout: string; stderr: string; durationMs: number }

/** Runs the program (or the given command) to its end, with an environment of its own; for starts that are refused. */
export async function runWeir(args: string[], env: Record<string, string>, command: string[] = PROGRAM): Promise<Run> {
  const began = performance.now()
  const child = Bun.spawn(['setpriv', '--pdeathsig', 'KILL', '--', ...command, ...args], {
    cwd: '/',
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
  return { code, stdout, stderr, durationMs: performance.now() - began }
}
