import { toUrlHost } from '../lib/host.ts'
import type { OutputTarget } from './specs.ts'

/**
 * Makes a function that puts words for people in the place of addresses inside this machine: the socket to the SRT door, and
 * the gate before an RTSP server, for which the server's own address stands.
 */
export function createPlaceWords(
  target: OutputTarget,
  { mediaPath, gatePort }: { mediaPath: string | null; gatePort: number | null },
): (line: string) => string {
  if (mediaPath !== null)
    return (line) => line.replaceAll(`unix:${mediaPath}`, 'the SRT door').replaceAll(mediaPath, 'the SRT door')
  if (gatePort === null || target.protocol !== 'rtsp') return (line) => line
  const server = `${toUrlHost(target.host)}:${target.port}`
  const gate = new RegExp(`(rtsp://)?127\\.0\\.0\\.1:${gatePort}(?!\\d)`, 'g')
  const scheme = target.tls ? 'rtsps://' : 'rtsp://'
  return (line) => line.replace(gate, (_, found?: string) => (found ? scheme : '') + server)
}
