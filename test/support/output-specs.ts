import type { OutputSpec, OutputTarget } from '../../src/media/specs.ts'

let ids = 1_000

/** An output as the media workers are told of it, that tries again soon. */
export function toOutput(target: OutputTarget, over: Partial<OutputSpec> = {}): OutputSpec {
  const id = ++ids
  return {
    id,
    inputId: 1,
    name: `output ${id}`,
    enabled: true,
    generation: 1,
    target,
    engine: 'ffmpeg',
    transparent: false,
    audio: 'auto',
    video: 'copy',
    reconnect: { auto: true, delayMs: 200, maxDelayMs: 1_000, maxAttempts: 0 },
    stallTimeoutMs: 10_000,
    ...over,
  }
}

export const udpTo = (port: number, host = '127.0.0.1'): OutputTarget => ({
  protocol: 'udp',
  host,
  port,
  ttl: null,
  interfaceAddress: null,
  pktSize: 1_316,
})

export const rtspTo = (
  port: number,
  over: Partial<Extract<OutputTarget, { protocol: 'rtsp' }>> = {},
): Extract<OutputTarget, { protocol: 'rtsp' }> => ({
  protocol: 'rtsp',
  tls: false,
  tlsVerify: true,
  host: '127.0.0.1',
  port,
  path: 'live',
  transport: 'tcp',
  username: null,
  password: null,
  ...over,
})
