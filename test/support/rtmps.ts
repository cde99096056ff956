import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freeTcpPort } from './ports.ts'
import { startProgram } from './processes.ts'
import { tempDir } from './temp.ts'
import { eventually } from './waiting.ts'

export type TlsFront = AsyncDisposable & {
  port: number
  /** The authority that signed its certificate (PEM); a client that does not know it must refuse. */
  caFile: string
}

export function hasStunnel(): boolean {
  return Bun.which('stunnel4') !== null && Bun.which('openssl') !== null
}

/** stunnel before a plain server: TLS with a certificate for `localhost` and 127.0.0.1 from an authority of its own. */
export async function startTlsFront(plainPort: number): Promise<TlsFront> {
  const dir = tempDir('tls')
  const at = (name: string) => join(dir, name)
  const openssl = (...args: string[]) => {
    const done = Bun.spawnSync(['openssl', ...args], { cwd: dir, stderr: 'pipe' })
    if (done.exitCode !== 0) throw new Error(`openssl ${args[0]}: ${done.stderr.toString()}`)
  }
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=Weir test authority',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
  )
  openssl(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-subj',
    '/CN=localhost',
    '-keyout',
    'server.key',
    '-out',
    'server.csr',
  )
  writeFileSync(at('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n')
  openssl(
    'x509',
    '-req',
    '-days',
    '2',
    '-in',
    'server.csr',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-extfile',
    'names',
    '-out',
    'server.pem',
  )

  const port = await freeTcpPort()
  const conf = `foreground = yes\npid =\n[rtmps]\naccept = 127.0.0.1:${port}\nconnect = 127.0.0.1:${plainPort}\ncert = ${at('server.pem')}\nkey = ${at('server.key')}\n`
  writeFileSync(at('stunnel.conf'), conf)
  const program = startProgram(['stunnel4', at('stunnel.conf')])
  await eventually(5_000, `stunnel is ready: ${program.lines.join(' | ')}`, () =>
    program.lines.some((line) => line.includes('Configuration successful')),
  )
  return {
    port,
    caFile: at('ca.pem'),
    async [Symbol.asyncDispose]() {
      await program.stop()
    },
  }
}
