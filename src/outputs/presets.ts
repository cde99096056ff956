import type { Protocol } from './address.ts'

/** A kind of destination that the form knows: what it fills in, which fields it shows, and what there is to know. */
export type Preset = {
  id: PresetId
  name: string
  /** Two letters on its tile. */
  mark: string
  /** Under the name on its tile. */
  note: string
  protocol: Protocol
  /** Name of a new output; null = the person finds one. */
  outputName: string | null
  /** Servers to choose from, the usual one first; the form is filled in with it. Empty = there is none to know. */
  servers: readonly string[]
  serverHint: string
  /** How an address of this kind looks. */
  placeholder: string
  /** Where to find the stream key; null where there is none. */
  keyHint: string | null
  /** It takes nothing without a stream key. */
  needsKey: boolean
  /** What the destination takes, in plain words. */
  limits: string | null
  /** The same as numbers; null where nobody says. */
  rules: PlatformRules | null
}

/** A platform takes H.264 with AAC, and what stands here. */
export type PlatformRules = {
  maxKbps: number
  /** Between keyframes, as it asks for. */
  keyframeSeconds: number
  /** From there on it refuses or spoils the picture; null where it does not say. */
  maxKeyframeSeconds: number | null
}

const PRESET_IDS = ['youtube', 'twitch', 'facebook', 'kick', 'rtmp', 'srt', 'srt_listener', 'rtsp', 'udp'] as const
export type PresetId = (typeof PRESET_IDS)[number]

/**
 * In the order of the tiles. Servers and limits as the platforms publish them, which change now and then: YouTube Help
 * "Choose live encoder settings, bitrates, and resolutions", Twitch "Broadcasting guidelines", Facebook's Live API
 * reference "Recommended Settings"; the largest bitrates and servers also as in OBS Studio's list of services.
 */
export const PRESETS: readonly Preset[] = [
  {
    id: 'youtube',
    name: 'YouTube',
    mark: 'YT',
    note: 'RTMPS, key',
    protocol: 'rtmp',
    outputName: 'YouTube',
    servers: ['rtmps://a.rtmps.youtube.com:443/live2', 'rtmps://b.rtmps.youtube.com:443/live2?backup=1'],
    serverHint: 'The usual server is filled in. The one that begins with b takes a second feed as a backup.',
    placeholder: 'rtmps://a.rtmps.youtube.com:443/live2',
    keyHint: 'YouTube Studio, Create, Go live, Stream key.',
    needsKey: true,
    limits: 'H.264 with AAC; about 12 Mbit/s for 1080p60, 6 for 720p60; a keyframe every 2 s, at the latest every 4 s.',
    rules: { maxKbps: 51_000, keyframeSeconds: 2, maxKeyframeSeconds: 4 },
  },
  {
    id: 'twitch',
    name: 'Twitch',
    mark: 'Tw',
    note: 'RTMP, key',
    protocol: 'rtmp',
    outputName: 'Twitch',
    servers: ['rtmp://live.twitch.tv/app', 'rtmp://ingest.global-contribute.live-video.net/app'],
    serverHint: 'The usual server is filled in. Another one near you works as well.',
    placeholder: 'rtmp://live.twitch.tv/app',
    keyHint: 'Creator Dashboard, Settings, Stream, Primary stream key.',
    needsKey: true,
    limits: 'H.264 with AAC; at most 6 Mbit/s at a constant rate; a keyframe every 2 s.',
    rules: { maxKbps: 6000, keyframeSeconds: 2, maxKeyframeSeconds: null },
  },
  {
    id: 'facebook',
    name: 'Facebook',
    mark: 'Fb',
    note: 'RTMPS, key',
    protocol: 'rtmp',
    outputName: 'Facebook',
    servers: ['rtmps://live-api-s.facebook.com:443/rtmp/'],
    serverHint: 'The usual server is filled in.',
    placeholder: 'rtmps://live-api-s.facebook.com:443/rtmp/',
    keyHint: 'Live Producer, Streaming software, Stream key. Tick “persistent key” there, or it changes every time.',
    needsKey: true,
    limits:
      'H.264 with AAC; at most 1080p at 60 fps and 9 Mbit/s; a keyframe every 2 s, at the latest every 4 s; at most 8 hours.',
    rules: { maxKbps: 9000, keyframeSeconds: 2, maxKeyframeSeconds: 4 },
  },
  {
    id: 'kick',
    name: 'Kick',
    mark: 'Ki',
    note: 'RTMPS, key',
    protocol: 'rtmp',
    outputName: 'Kick',
    servers: [],
    serverHint:
      'Paste your server from the dashboard: Settings, Stream URL. It ends in live-video.net; add /app if it is missing.',
    placeholder: 'rtmps://fa723fc1b171.global-contribute.live-video.net:443/app',
    keyHint: 'Creator Dashboard, Settings, Stream key.',
    needsKey: true,
    limits: 'H.264 with AAC; at most 1080p at 60 fps and 8 Mbit/s at a constant rate; a keyframe every 2 s.',
    rules: { maxKbps: 8000, keyframeSeconds: 2, maxKeyframeSeconds: null },
  },
  {
    id: 'rtmp',
    name: 'RTMP',
    mark: 'RT',
    note: 'any server',
    protocol: 'rtmp',
    outputName: null,
    servers: [],
    serverHint: 'Server and application, without the key. rtmps:// is encrypted.',
    placeholder: 'rtmps://media.example.org/live',
    keyHint: 'The last part of the address. Leave it empty where the server has none.',
    needsKey: false,
    limits: null,
    rules: null,
  },
  {
    id: 'srt',
    name: 'SRT',
    mark: 'SR',
    note: 'calls out',
    protocol: 'srt_caller',
    outputName: null,
    servers: [],
    serverHint: 'Host and port of the receiver, which must be listening.',
    placeholder: 'srt://studio.example.org:9000',
    keyHint: null,
    needsKey: false,
    limits: null,
    rules: null,
  },
  {
    id: 'srt_listener',
    name: 'SRT listener',
    mark: 'SL',
    note: 'receivers call',
    protocol: 'srt_listener',
    outputName: null,
    servers: [],
    serverHint: '',
    placeholder: '',
    keyHint: null,
    needsKey: false,
    limits: null,
    rules: null,
  },
  {
    id: 'rtsp',
    name: 'RTSP',
    mark: 'RS',
    note: 'media servers',
    protocol: 'rtsp',
    outputName: null,
    servers: [],
    serverHint: 'Server and path. The server must take streams that are pushed to it. rtsps:// is encrypted.',
    placeholder: 'rtsp://media.example.org/live/stage',
    keyHint: null,
    needsKey: false,
    limits: null,
    rules: null,
  },
  {
    id: 'udp',
    name: 'UDP',
    mark: 'UD',
    note: 'one or many',
    protocol: 'udp',
    outputName: null,
    servers: [],
    serverHint: 'Host and port, or a multicast group such as 239.10.0.1. Nothing is sent again when it is lost.',
    placeholder: 'udp://239.10.0.1:5000',
    keyHint: null,
    needsKey: false,
    limits: null,
    rules: null,
  },
]

/** The preset of that name; YouTube where there is none of it. */
export function findPreset(id: string | undefined): Preset {
  return PRESETS.find((preset) => preset.id === id) ?? (PRESETS[0] as Preset)
}

/** The preset that an existing address belongs to: a platform by its server, else the kind of the address. */
export function presetOf(output: { protocol: Protocol; url: string | null }): Preset {
  const host = URL.parse(output.url ?? '')?.hostname ?? ''
  const isUnder = (domain: string) => host === domain || host.endsWith(`.${domain}`)
  if (output.protocol !== 'rtmp') return findPreset(output.protocol === 'srt_caller' ? 'srt' : output.protocol)
  if (isUnder('youtube.com')) return findPreset('youtube')
  if (isUnder('twitch.tv') || host === 'ingest.global-contribute.live-video.net') return findPreset('twitch')
  if (isUnder('facebook.com')) return findPreset('facebook')
  if (isUnder('global-contribute.live-video.net')) return findPreset('kick')
  return findPreset('rtmp')
}
