import { join } from 'node:path'
import { freeUdpPort } from './ports.ts'
import { startProgram } from './processes.ts'
import { tempDir } from './temp.ts'
import { eventually, within } from './waiting.ts'

export type SrtListener = AsyncDisposable & {
  port: number
  /** What has arrived so far. */
  path: string
  sizeBytes(): number
  received(bytes: number, deadlineMs?: number): Promise<void>
  lines: string[]
  kill(signal: NodeJS.Signals): Promise<void>
}

export function hasSrtLiveTransmit(): boolean {
  return Bun.which('srt-live-transmit') !== null
}

/** A real SRT listener (srt-live-transmit) that takes one caller after the other and writes what they send to a file. */
export async function startSrtListener(o: { passphrase?: string; port?: number } = {}): Promise<SrtListener> {
  const port = o.port ?? (await freeUdpPort())
  const secret = o.passphrase ? `&passphrase=${o.passphrase}&pbkeylen=16` : ''
  const address = `srt://127.0.0.1:${port}?mode=listener${secret}`
  return listen(
    port,
    (path) => ({ command: ['srt-live-transmit', '-v', address, 'file://con'], stdoutPath: path }),
    'listen...',
  )
}

/** FFmpeg as an SRT listener for one caller: says which stream id it was given (srt-live-transmit does not). */
export async function startSrtIdListener(passphrase: string): Promise<SrtListener> {
  const port = await freeUdpPort()
  const address = `srt://127.0.0.1:${port}?mode=listener&passphrase=${passphrase}`
  const head = ['ffmpeg', '-hide_banner', '-nostdin', '-nostats', '-loglevel', 'verbose', '-f', 'mpegts', '-i', address]
  return listen(port, (path) => ({ command: [...head, '-c', 'copy', '-f', 'mpegts', '-y', path] }), null)
}

async function listen(
  port: number,
  how: (path: string) => { command: string[]; stdoutPath?: string },
  ready: string | null,
): Promise<SrtListener> {
  const dir = tempDir('srt')
  const path = join(dir, 'received.ts')
  const { command, ...rest } = how(path)
  const program = startProgram(command, rest)
  const sizeBytes = () => Bun.file(path).size
  if (ready)
    await eventually(20_000, 'the SRT listener listens', () => program.lines.some((line) => line.includes(ready)))
  else await eventually(20_000, 'the SRT listener has its port', () => udpPortTaken(port))
  return {
    port,
    path,
    sizeBytes,
    lines: program.lines,
    received: async (bytes, deadlineMs = 20_000) => {
      const target = sizeBytes() + bytes
      await eventually(deadlineMs, `${bytes} more bytes over SRT`, () => sizeBytes() >= target)
    },
    async kill(signal) {
      program.kill(signal)
      await within(5_000, 'the SRT listener ends', program.exited)
    },
    async [Symbol.asyncDispose]() {
      await program.stop()
    },
  }
}

/** Whether somebody on this machine has the UDP port (proc(5): /proc/net/udp, local address in hexadecimal). */
async function udpPortTaken(port: number): Promise<boolean> {
  const hex = `:${port.toString(16).toUpperCase().padStart(4, '0')} `
  return (await Bun.file('/proc/net/udp').text()).includes(hex)
}
