import type { Viewer } from '../lib/access.ts'
import type { InputRow } from '../db/tables/inputs.ts'
import { isLoopback, toUrlHost } from '../lib/host.ts'
import type { SecretBox } from '../lib/secret-box.ts'
import { openInputSecret, RTMP_APP } from '../live/input-specs.ts'
import type { InputResource } from './inputs.schema.ts'

/** Where and with what a feed is sent to an input; all null of kinds that nobody sends to. */
export type Publishing = Pick<
  InputResource,
  'publish_url' | 'publish_server' | 'publish_server_tls' | 'publish_key' | 'publish_example'
>

/** TCP ports of the door for RTMP publishers; 0 and null = none. */
export type RtmpDoor = { port: number; tlsPort: number | null }

const NOTHING: Publishing = {
  publish_url: null,
  publish_server: null,
  publish_server_tls: null,
  publish_key: null,
  publish_example: null,
}

const SOURCE = '-re -f lavfi -i testsrc2=size=1280x720:rate=25 -f lavfi -i sine=frequency=440:sample_rate=48000'
const CODECS = '-c:v libx264 -preset veryfast -tune zerolatency -pix_fmt yuv420p -g 50 -b:v 2500k -c:a aac -b:a 128k'

/** What to tell a sender. An address may hold the key, so whoever may not see keys is told nothing. */
export function toPublishing(row: InputRow, viewer: Viewer, door: RtmpDoor, box: SecretBox): Publishing {
  if (!viewer.seesKeys) return NOTHING
  const host = toUrlHost(reachedAt(row, viewer.host))
  switch (row.kind) {
    case 'udp':
      return toUdp(row, host)
    case 'rtmp':
      return toRtmp(keyOf(row, box), host, door)
    case 'srt_listener':
      return toSrt(row, keyOf(row, box), host)
    default:
      return NOTHING
  }
}

/** One that listens on loopback alone is reached nowhere else, whatever the public name is. */
function reachedAt(row: InputRow, host: string): string {
  return row.bindAddress !== null && isLoopback(row.bindAddress) ? row.bindAddress : host
}

/** Null where it cannot be read: the input says so itself. */
function keyOf(row: InputRow, box: SecretBox): string | null {
  try {
    return openInputSecret(row, 'publish_key', box)
  } catch {
    return null
  }
}

function toUdp(row: InputRow, host: string): Publishing {
  const url = `udp://${row.multicastGroup === null ? host : toUrlHost(row.multicastGroup)}:${row.udpPort}`
  // 7 TS packets in each datagram.
  const example = toExample('mpegts', `${url}?pkt_size=1316`)
  return { ...NOTHING, publish_url: url, publish_example: example }
}

function toRtmp(key: string | null, host: string, door: RtmpDoor): Publishing {
  if (door.port === 0) return NOTHING
  const server = `rtmp://${host}:${door.port}/${RTMP_APP}`
  const tls = door.tlsPort === null ? null : `rtmps://${host}:${door.tlsPort}/${RTMP_APP}`
  const url = key === null ? null : `${server}/${key}`
  return {
    publish_url: url,
    publish_server: server,
    publish_server_tls: tls,
    publish_key: key,
    publish_example: url === null ? null : toExample('flv', url),
  }
}

/** FFmpeg and OBS count the latency of an SRT address in microseconds. The passphrase is theirs to add. */
function toSrt(row: InputRow, key: string | null, host: string): Publishing {
  const server = `srt://${host}:${row.srtPort}`
  const url = key === null ? null : `${server}?streamid=${key}&latency=${(row.latencyMs ?? 0) * 1000}`
  return {
    publish_url: url,
    publish_server: server,
    publish_server_tls: null,
    publish_key: key,
    publish_example: url === null ? null : toExample('mpegts', url),
  }
}

/** A line that runs as it is, without a file: a moving test picture and a tone. */
function toExample(format: 'mpegts' | 'flv', url: string): string {
  return `ffmpeg ${SOURCE} ${CODECS} -f ${format} "${url}"`
}
