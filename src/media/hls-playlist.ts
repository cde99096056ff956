import { isOffLimits } from '../lib/host.ts'
import { loginOf } from './ffmpeg/pull.ts'

type Attributes = Map<string, string>
type Variant = { url: string; attributes: Attributes }

/** Codecs that go into a transport stream as we read it (RFC 6381 names). */
const KNOWN_VIDEO = /^(avc[13]|hvc1|hev1|mp4v)/
const ANY_VIDEO = /^(avc[13]|hvc1|hev1|mp4v|dvh|av01|vp0?[89]|vvc)/

/**
 * Writes a master playlist (RFC 8216 section 4.3.4) that leads to one stream alone: the best variant of `text` with its
 * sound, or `url` itself where `text` is the playlist of one stream already. `url` is where `text` came from. The login goes
 * into addresses of the same origin as `loginFor`, and into no others. Null: this is no playlist, or it
 * leads nowhere on the web.
 */
export function toSinglePlaylist(
  text: string,
  url: string,
  login: { username: string | null; password: string | null; loginFor: string },
): string | null {
  if (!/^\uFEFF?#EXTM3U/.test(text)) return null
  const address = (relative: string) => withLogin(new URL(relative, url), login)
  const isWeb = (relative: string) => isFetchable(URL.parse(relative, url))
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
    address(best?.url ?? url),
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

function withLogin(url: URL, o: { username: string | null; password: string | null; loginFor: string }): string {
  const login = url.origin === new URL(o.loginFor).origin ? loginOf(o.username, o.password) : ''
  return `${url.protocol}//${login}${url.host}${url.pathname}${url.search}`
}
