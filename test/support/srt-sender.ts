import { startFeed } from './feed.ts'
import { freeUdpPort } from './ports.ts'
import { type Program, startProgram } from './processes.ts'
import { eventually } from './waiting.ts'

export type SrtSender = AsyncDisposable & { port: number; program: Program; start(): Promise<void> }

/** A real SRT listener (srt-live-transmit) that plays the main fixture to one caller after the other. */
export async function startSrtSender(o: { passphrase?: string } = {}): Promise<SrtSender> {
  const port = await freeUdpPort()
  const from = await freeUdpPort()
  const feed = await startFeed(from)
  const secret = o.passphrase ? `&passphrase=${o.passphrase}&pbkeylen=16` : ''
  const command = [
    ...['srt-live-transmit', '-v', '-a', 'yes', `udp://127.0.0.1:${from}`],
    `srt://127.0.0.1:${port}?mode=listener${secret}`,
  ]
  const sender = {
    port,
    program: startProgram(command),
    async start() {
      sender.program = startProgram(command)
      await listens(port)
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([feed.stop(), sender.program.stop()])
    },
  }
  await listens(port)
  return sender
}

/** Whether somebody on this machine has the UDP port (proc(5): /proc/net/udp, local address in hexadecimal). */
async function listens(port: number): Promise<void> {
  const hex = `:${port.toString(16).toUpperCase().padStart(4, '0')} `
  await eventually(5_000, 'the SRT sender listens', async () => (await Bun.file('/proc/net/udp').text()).includes(hex))
}
