import type { Tile } from '../ui/choices.tsx'
import type { InputKind } from './inputs.draft.ts'

/** What each kind of feed is called, and what there is to know before one is chosen; in the order of the tiles. */
export const KINDS: readonly (Tile & { value: InputKind; about: string })[] = [
  {
    value: 'rtmp',
    mark: 'RT',
    label: 'RTMP',
    note: 'OBS, vMix, phones',
    about: 'Your encoder sends to Weir. You get a server and a stream key to paste into it.',
  },
  {
    value: 'srt_listener',
    mark: 'SR',
    label: 'SRT',
    note: 'sent to Weir',
    about: 'Your encoder calls Weir. Holds up on bad networks, and can be encrypted.',
  },
  {
    value: 'udp',
    mark: 'UD',
    label: 'UDP',
    note: 'MPEG-TS, multicast',
    about:
      'MPEG-TS from an encoder in your own network, to a port or a multicast group. Nothing is sent again when it is lost.',
  },
  {
    value: 'srt_caller',
    mark: 'SC',
    label: 'SRT server',
    note: 'Weir calls it',
    about: 'Weir calls a server or an encoder that listens, and calls again when the link breaks.',
  },
  {
    value: 'rtsp',
    mark: 'CA',
    label: 'RTSP camera',
    note: 'Weir fetches',
    about: 'Weir fetches the picture of an IP camera or of an RTSP server.',
  },
  {
    value: 'hls',
    mark: 'HL',
    label: 'HLS playlist',
    note: 'Weir fetches',
    about: 'Weir fetches a live playlist (.m3u8) from a web server. It is some seconds behind.',
  },
  {
    value: 'test',
    mark: 'TP',
    label: 'Test pattern',
    note: 'made here',
    about: 'Weir draws a picture with a clock and a tone. Nothing has to be sent.',
  },
]

/** The kind of that name; RTMP, the usual one, where there is none of it. */
export function findKind(name: string | undefined): (typeof KINDS)[number] {
  return KINDS.find((kind) => kind.value === name) ?? (KINDS[0] as (typeof KINDS)[number])
}
