/**
 * What a feed is made of once it is taken apart: whole pictures and whole sound frames. Times are 90 kHz ticks
 * unwrapped from MPEG's 33 bits to plain numbers that grow for ever (a fraction may remain in sound).
 */
export type Ticks = number

export const TICKS_PER_SECOND = 90_000

export type VideoCodec = 'h264' | 'hevc' | 'mpeg2video'
/** `aac` is ADTS, split into single frames; the others travel as whole PES payloads, untouched. */
export type AudioCodec = 'aac' | 'aac_latm' | 'mp2' | 'mp3' | 'ac3' | 'eac3'

export type VideoFormat = {
  codec: VideoCodec
  profile: string | null
  width: number | null
  height: number | null
  fps: number | null
}

export type AudioFormat = {
  codec: AudioCodec
  sampleRate: number | null
  channels: number | null
  /** MPEG-4 audio object type (2 = LC); null where the codec has none. */
  objectType: number | null
}

/** What the chosen program carries; null where it has no such track. Tells outputs when they must restart. */
export type Format = { video: VideoFormat | null; audio: AudioFormat | null }

export type VideoUnit = {
  kind: 'video'
  codec: VideoCodec
  /** A receiver can start here: IDR or IRAP with its parameter sets in front, or an MPEG-2 sequence header. */
  key: boolean
  pts: Ticks
  dts: Ticks
  /** One access unit as it goes into the PES: for H.264 and HEVC Annex B that begins with an access unit delimiter. */
  data: Uint8Array
}

export type AudioUnit = {
  kind: 'audio'
  codec: AudioCodec
  pts: Ticks
  /** 1024 samples for AAC; the distance to the next PES (or an estimate) for the others. */
  durationTicks: Ticks
  /** One ADTS frame with its header, or one whole PES payload. */
  data: Uint8Array
  sampleRate: number
  channels: number
}

export type Unit = VideoUnit | AudioUnit
