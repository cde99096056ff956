import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Makes `cert.pem` and `key.pem` in `dir`, for 127.0.0.1, signed by itself; answers the serial number. */
export function makeCertificate(dir: string): string {
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
  const run = Bun.spawnSync(['openssl', ...args, ...name, '-keyout', 'key.pem', '-out', 'cert.pem'], {
    cwd: dir,
    stderr: 'pipe',
  })
  if (run.exitCode !== 0) throw new Error(run.stderr.toString())
  return new X509Certificate(readFileSync(join(dir, 'cert.pem'))).serialNumber
}
