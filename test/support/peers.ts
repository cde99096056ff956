import { hasNginxRtmp, type RtmpServer, startRtmpServer } from './nginx.ts'
import { hasStunnel, startTlsFront, type TlsFront } from './rtmps.ts'
import { hasSrtLiveTransmit } from './srt.ts'

let rtmp: Promise<RtmpServer> | null = null
let tls: Promise<TlsFront> | null = null

/** The one RTMP server of the whole run, started when the first test asks; it dies with the run. */
export function sharedRtmp(): Promise<RtmpServer> {
  rtmp ??= startRtmpServer()
  return rtmp
}

/** The one TLS front of the whole run, before the shared RTMP server. */
export function sharedTls(): Promise<TlsFront> {
  tls ??= sharedRtmp().then(({ port }) => startTlsFront(port))
  return tls
}

/** What this machine has; a test that needs a missing peer is skipped, and the run says so at its end. */
export const HAVE = { rtmp: hasNginxRtmp(), tls: hasNginxRtmp() && hasStunnel(), srt: hasSrtLiveTransmit() }
