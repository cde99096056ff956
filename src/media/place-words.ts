import { toUrlHost } from '../lib/host.ts'

/** Hides a place inside this machine in a line that people read. */
export type PlaceWords = (line: string) => string

/** For what an FFmpeg says of the SRT door's socket at `mediaPath`. */
export const toDoorWords =
  (mediaPath: string): PlaceWords =>
  (line) =>
    line.replaceAll(`unix:${mediaPath}`, 'the SRT door').replaceAll(mediaPath, 'the SRT door')

/** For what an FFmpeg says of the gate before an RTSP server: the server's own address, without its login. */
export function toGateWords(
  own: { host: string; port: number },
  server: { host: string; port: number; tls: boolean },
): PlaceWords {
  const theirs = `${toUrlHost(server.host)}:${server.port}`
  const scheme = server.tls ? 'rtsps://' : 'rtsp://'
  const ours = toUrlHost(own.host).replace(/[.[\]]/g, '\\$&')
  const gate = new RegExp(`(rtsp://)?${ours}:${own.port}(?!\\d)`, 'g')
  return (line) => line.replace(gate, (_, found?: string) => (found ? scheme : '') + theirs)
}
