import { codecName } from '../ui/format.ts'
import { isPull } from './inputs.draft.ts'
import type { InputResource, InputStats } from './inputs.schema.ts'

/** What an input's card and page say about it in words. */

type Place = Pick<InputResource, 'kind' | 'udp_port' | 'srt_port' | 'multicast_group' | 'url'>

const KIND_NAMES: Record<InputResource['kind'], string> = {
  udp: 'MPEG-TS over UDP',
  srt_listener: 'SRT',
  srt_caller: 'SRT server',
  rtmp: 'RTMP',
  rtsp: 'RTSP',
  hls: 'HLS',
  test: 'Test pattern',
}

/** What a kind of feed is called where there is room for it. */
export function kindName(kind: InputResource['kind']): string {
  return KIND_NAMES[kind]
}

/** Where the feed comes in: `UDP port 5000`, `RTSP from 192.0.2.7`, `Made here`. */
export function sourceWords(input: Place): string {
  switch (input.kind) {
    case 'test':
      return 'Made here'
    case 'udp':
      return `${input.multicast_group ? `Group ${input.multicast_group}, ` : ''}UDP port ${input.udp_port}`
    case 'srt_listener':
      return `SRT port ${input.srt_port}`
    case 'rtmp':
      return 'RTMP'
    case 'srt_caller':
      return `SRT from ${hostOf(input.url)}`
    case 'rtsp':
      return `RTSP from ${hostOf(input.url)}`
    case 'hls':
      return `HLS from ${hostOf(input.url)}`
  }
}

/** What to do where nothing arrives. No address: a card reads the same to all, by whatever name they reach Weir. */
export function sendWords(input: Place): string {
  switch (input.kind) {
    case 'test':
      return 'It starts by itself'
    case 'udp':
      return input.multicast_group ? 'It starts when the group sends' : `Send your feed to ${sourceWords(input)}`
    case 'rtmp':
    case 'srt_listener':
      return 'Start your encoder'
    default:
      return 'Weir connects by itself'
  }
}

/** Host and port of an address. */
export function hostOf(url: string | null): string {
  return (url === null ? '' : URL.parse(url)?.host) || 'a server'
}

/** What it carries, short: `1080 · 50 fps · H.264, AAC`; empty while nothing is known. No `p`: whether it is interlaced is not. */
export function formatWords({ video, audio }: Pick<InputStats, 'video' | 'audio'>): string {
  const size = video?.height ? String(video.height) : ''
  const fps = video?.fps ? `${shortFps(video.fps)}\u00a0fps` : ''
  const codecs = [video && codecName(video.codec), audio && codecName(audio.codec)].filter((codec) => codec !== null)
  return [size, fps, codecs.join(', ')].filter((part) => part !== '').join(' · ')
}

/** `H.264 High, 1920 × 1080, 50 fps`, or null while unknown. */
export function videoWords({ video }: Pick<InputStats, 'video'>): string | null {
  if (!video) return null
  const codec = video.profile ? `${codecName(video.codec)} ${video.profile}` : codecName(video.codec)
  const size = video.width && video.height ? `${video.width}\u00a0×\u00a0${video.height}` : null
  const fps = video.fps ? `${shortFps(video.fps)}\u00a0fps` : null
  return [codec, size, fps].filter((part) => part !== null).join(', ')
}

/** `AAC, 48 kHz, stereo`, or null while unknown. */
export function audioWords({ audio }: Pick<InputStats, 'audio'>): string | null {
  if (!audio) return null
  const rate = audio.sample_rate ? `${audio.sample_rate / 1000}\u00a0kHz` : null
  return [codecName(audio.codec), rate, channelWords(audio.channels)].filter((part) => part !== null).join(', ')
}

/** What stands over the picture where there is no live one; null while the feed is live. */
export function stillWords(input: InputResource, hasStill: boolean): string | null {
  switch (input.status) {
    case 'active':
      return null
    case 'starting':
      if (input.source) return 'Feed heard, waiting for the first whole picture'
      return isPull(input.kind) ? 'Connecting' : 'Starting'
    case 'inactive': {
      const reason =
        (input.on_air_reason === 'ended' ? 'The show has ended.' : input.status_reason) ?? 'Nothing arrives.'
      // Somebody who has sent once knows how.
      return hasStill || isPull(input.kind) ? reason : `${reason} ${sendWords(input)}.`
    }
    case 'stopping':
      return 'Stopping'
    case 'stopped':
      return 'Switched off'
    default:
      return input.status_reason ?? 'It does not run.'
  }
}

/** `3 of 7 outputs running`, or what is more to the point: all wait, all are stopped, there is none. */
export function outputsWords(outputs: readonly { status: string }[]): string {
  const count = outputs.length
  if (count === 0) return 'No outputs yet'
  const noun = count === 1 ? 'output' : 'outputs'
  const isAll = (status: string) => outputs.every((output) => output.status === status)
  if (isAll('waiting')) return `${count} ${noun} ${count === 1 ? 'waits' : 'wait'} for the feed`
  if (isAll('stopped')) return `${count} ${noun} stopped`
  return `${outputs.filter((output) => output.status === 'running').length} of ${count} ${noun} running`
}

/** How many outputs lose their feed when the input goes, as a sentence. */
export function darkWords(count: number): string {
  if (count === 0) return 'No output is sending now.'
  return count === 1 ? '1 output goes dark.' : `${count} outputs go dark.`
}

function channelWords(channels: number | null): string | null {
  if (channels === null) return null
  if (channels === 1) return 'mono'
  if (channels === 2) return 'stereo'
  return channels === 6 ? '5.1' : `${channels} channels`
}

/** 29.97, 50, 59.94: no zeros behind the point. */
function shortFps(fps: number): string {
  return String(Number(fps.toFixed(2)))
}
