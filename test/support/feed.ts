import { type FixtureName, fixture } from './fixtures.ts'
import { type Program, startProgram } from './processes.ts'

/** As another encoder, or the same one after a restart: other PIDs, another program number, time from 0. */
const OTHER_MUXER = [
  ...['-muxdelay', '0', '-muxpreload', '0', '-mpegts_start_pid', '0x200'],
  ...['-mpegts_pmt_start_pid', '0x1100', '-mpegts_service_id', '7'],
]

/** Sends a fixture in real time, round and round, as an encoder would, until it is stopped; `fromPort` is its own. */
export async function startFeed(
  port: number,
  o: { name?: FixtureName; otherEncoder?: boolean; fromPort?: number } = {},
): Promise<Program> {
  const path = await fixture(o.name ?? 'main')
  const input = ['-re', '-stream_loop', '-1', '-i', path, '-map', '0', '-c', 'copy']
  const from = o.fromPort ? `&localport=${o.fromPort}` : ''
  const address = `udp://127.0.0.1:${port}?pkt_size=1316${from}`
  const output = [...(o.otherEncoder ? OTHER_MUXER : []), '-f', 'mpegts', address]
  return startProgram(['ffmpeg', '-hide_banner', '-nostdin', '-v', 'error', ...input, ...output])
}
