import { codecName } from '../ui/format.ts'
import type { InputResource, InputStats } from './inputs.schema.ts'

/** What an input's card and page say about it in words. */

/** Where the feed comes in: `UDP port 5000`, `Made here`. */
export function sourceWords(input: Pick<InputResource, 'kind' | 'udp_port'>): string {
  return input.kind === 'test' ? 'Made here' : `UDP port ${input.udp_port}`
}

/** What to do where nothing arrives. No address: a card reads the same to all, by whatever name they reach Weir. */
export function sendWords(input: Pick<InputResource, 'kind' | 'udp_port'>): string {
  return input.kind === 'test' ? 'It starts by itself' : `Send your feed to ${sourceWords(input)}`
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
      return input.source ? 'Feed heard, waiting for the first whole picture' : 'Starting'
    case 'inactive':
      if (input.status_reason) return input.status_reason
      return hasStill ? 'No packets arrive. This is the last picture.' : 'No packets yet. Start your encoder.'
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
