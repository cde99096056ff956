import { isOffLimits } from '../../lib/host.ts'

type Attributes = Map<string, string>
type Variant = { url: string; attributes: Attributes }

/** Codecs that go into a transport stream as we read it (RFC 6381 names). */
const KNOWN_VIDEO = /^(avc[13]|hvc1|hev1|mp4v)/
const ANY_VIDEO = /^(avc[13]|hvc1|hev1|mp4v|dvh|av01|vp0?[89]|vvc)/

type ToOurs = (place: URL | null) => string

/**
 * Writes a master playlist (RFC 8216 section 4.3.4) that leads to one stream alone: the best variant of `text` with its
 * sound, or `from` itself where `text` is the playlist of one stream already. `from` is where `text` came from; `toOurs` says
 * under which address FFmpeg asks for a place. Null: this is no playlist, or it leads nowhere on the web.
 */
export function toSinglePlaylist(text: string, from: URL, toOurs: ToOurs): string | null {
  if (!/^\uFEFF?#EXTM3U/.test(text)) return null
  const address = (relative: string) => toOurs(new URL(relative, from))
  const isWeb = (relative: string) => isFetchable(URL.parse(relative, from.href))
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  const isMaster = lines.some((line) => line.startsWith('#EXT-X-STREAM-INF:'))
  const variants: Variant[] = []
  const sounds: Attributes[] = []
  for (const [n, line] of lines.entries()) {
    if (line.startsWith('#EXT-X-MEDIA:')) sounds.push(attributesOf(line))
    if (!line.startsWith('#EXT-X-STREAM-INF:')) continue
    const next = lines.slice(n + 1).find((each) => each !== '' && !each.startsWith('#'))
    if (next && isWeb(next)) variants.push({ url: next, attributes: attributesOf(line) })
  }
  const best = variants.toSorted((a, b) => rank(b) - rank(a))[0]
  if (isMaster && !best) return null
  const group = best?.attributes.get('AUDIO')
  const sound = sounds
    .filter((each) => each.get('TYPE') === 'AUDIO' && each.get('GROUP-ID') === group && group !== undefined)
    .toSorted((a, b) => Number(b.get('DEFAULT') === 'YES') - Number(a.get('DEFAULT') === 'YES'))[0]
  const soundUrl = sound?.get('URI')
  const hasSound = soundUrl !== undefined && isWeb(soundUrl)
  return [
    '#EXTM3U',
    ...(hasSound
      ? [`#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="sound",DEFAULT=YES,URI="${address(soundUrl)}"`]
      : []),
    `#EXT-X-STREAM-INF:BANDWIDTH=1${hasSound ? ',AUDIO="sound"' : ''}`,
    address(best?.url ?? from.href),
    '',
  ].join('\n')
}

/** On the web, and not where nothing of ours ever calls. */
function isFetchable(url: URL | null): boolean {
  return url !== null && /^https?:$/.test(url.protocol) && !isOffLimits(url.hostname.replace(/^\[|\]$/g, ''))
}

/** Pictures that we can read before others, then the highest rate. */
function rank({ attributes }: Variant): number {
  const codecs = attributes
    .get('CODECS')
    ?.split(',')
    .map((codec) => codec.trim())
  const video = codecs?.filter((codec) => ANY_VIDEO.test(codec))
  const isForeign = video?.some((codec) => !KNOWN_VIDEO.test(codec)) ?? false
  const hasVideo = video ? video.length > 0 : true
  const bandwidth = Number(attributes.get('BANDWIDTH')) || 0
  return (isForeign ? 0 : hasVideo ? 2 : 1) * 1e12 + Math.min(bandwidth, 1e11)
}

/** An attribute list (RFC 8216 section 4.2); quotes are taken off. */
function attributesOf(line: string): Attributes {
  const found: Attributes = new Map()
  for (const [, name = '', quoted, plain] of line.matchAll(/([A-Z0-9-]+)=(?:"([^"]*)"|([^,]*))/g))
    found.set(name, quoted ?? plain ?? '')
  return found
}

/**
 * A playlist in which every address is one of ours. Lines end where FFmpeg ends them (`ff_get_line`), and an attribute may stand
 * without its quotes, as FFmpeg reads it.
 */
export function rewritePlaylist(text: string, from: URL, toOurs: ToOurs): string {
  const address = (relative: string) => toOurs(URL.parse(relative.trim(), from.href))
  const rewritten = text
    .split(/[\n\r\0]+/)
    .filter((line) => line.trim() !== '')
    .map((line) =>
      line.startsWith('#')
        ? line.replace(
            /URI=(?:"([^"]*)"|([^,"]*))/g,
            (_, quoted?: string, plain?: string) => `URI="${address(quoted ?? plain ?? '')}"`,
          )
        : address(line),
    )
  return `${rewritten.join('\n')}\n`
}
