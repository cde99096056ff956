import { isIP } from 'node:net'
import { z } from 'zod'
import type { EffectiveOptions } from '../live/specs.ts'
import type { Preflight } from '../media/actual.ts'
import { codecName, formatRate } from '../ui/format.ts'
import type { Protocol } from './address.ts'
import type { Preset } from './presets.ts'

export const CHECK_CODES = [
  'name',
  'reach',
  'tls',
  'login',
  'video_codec',
  'audio_codec',
  'bitrate',
  'keyframes',
  'upload',
] as const

export const checkResource = z.object({
  /** The worst of what was found; what was skipped says nothing. */
  verdict: z.enum(['ok', 'warning', 'problem']),
  checks: z.array(
    z.object({
      code: z.enum(CHECK_CODES),
      status: z.enum(['ok', 'warning', 'problem', 'skipped']),
      message: z.string(),
    }),
  ),
})
export type CheckResource = z.infer<typeof checkResource>
type Finding = Omit<CheckResource['checks'][number], 'code'>

/** What is checked, and what a look at the destination and the feed found. */
export type Checked = {
  protocol: Protocol
  host: string
  tls: boolean
  options: Pick<EffectiveOptions, 'video' | 'audio'>
  preset: Pick<Preset, 'name' | 'rules'>
  /** A user name is set. */
  hasLogin: boolean
  /** It is sent to this machine itself, so no line carries it. */
  staysHere: boolean
  /** The bitrate of its feed is `peakKbps`. */
  found: Preflight
  /** What leaves this server now through all outputs, without this one and without those to this machine itself. */
  uploadKbps: number
}

/** What Weir's own encoders make, sound included (media/ffmpeg/arguments). */
const TRANSCODE_KBPS = { '720p': 2630, '480p': 1130 }
const TRANSCODE_KEYFRAME_SECONDS = 2
/** Of a keyframe interval: encoders keep it roughly. */
const TOLERANCE = 1.25
/** Without a rule of the destination: receivers that join wait for so long. */
const LONG_KEYFRAME_SECONDS = 10

/** Before so many seconds were measured nothing is said of a bitrate. */
const MIN_SECONDS = 10
const PEAK_SHARE = 0.95

/** What a feed needs at its peaks, kbit/s: 95 % of the seconds stay below. Null while too few were measured. */
export function peakKbps(seconds: readonly (number | null)[]): number | null {
  const measured = seconds.filter((kbps) => kbps !== null).sort((a, b) => a - b)
  return measured.length < MIN_SECONDS ? null : (measured[Math.ceil(measured.length * PEAK_SHARE) - 1] ?? null)
}

/** Facts in, a verdict and words out: whether this output will work, and what mends it where not. */
export function toCheck(o: Checked): CheckResource {
  const checks = [
    { code: 'name' as const, ...checkName(o) },
    { code: 'reach' as const, ...checkReach(o) },
    { code: 'tls' as const, ...checkTls(o) },
    ...checkLogin(o).map((finding) => ({ code: 'login' as const, ...finding })),
    { code: 'video_codec' as const, ...checkVideo(o) },
    { code: 'audio_codec' as const, ...checkAudio(o) },
    { code: 'bitrate' as const, ...checkBitrate(o) },
    { code: 'keyframes' as const, ...checkKeyframes(o) },
    { code: 'upload' as const, ...checkUpload(o) },
  ]
  const has = (status: Finding['status']) => checks.some((check) => check.status === status)
  return { verdict: has('problem') ? 'problem' : has('warning') ? 'warning' : 'ok', checks }
}

const ok = (message: string): Finding => ({ status: 'ok', message })
const warning = (message: string): Finding => ({ status: 'warning', message })
const problem = (message: string): Finding => ({ status: 'problem', message })
const skipped = (message: string): Finding => ({ status: 'skipped', message })

const NO_FEED = 'No feed arrives now. Start the encoder and check again.'
const RECEIVERS_CALL = 'Receivers call this server.'

function checkName({ protocol, host, found: { resolved } }: Checked): Finding {
  if (protocol === 'srt_listener') return skipped(RECEIVERS_CALL)
  if (!resolved) return skipped('Not tried.')
  if (!resolved.ok) return problem(resolved.words)
  return isIP(host)
    ? skipped('The address is a number: there is no name to look up.')
    : ok(`It leads to ${resolved.words}.`)
}

function checkReach({ protocol, found: { resolved, reached } }: Checked): Finding {
  if (protocol === 'srt_listener') return skipped(RECEIVERS_CALL)
  if (resolved && !resolved.ok) return skipped('Not tried: the name leads nowhere.')
  if (!reached) return skipped('Not tried.')
  if (!reached.ok) return problem(reached.words)
  return ok(reached.ms === null ? reached.words : `${reached.words} It took ${Math.round(reached.ms)} ms.`)
}

function checkTls({ tls, protocol, found }: Checked): Finding {
  if (!tls) {
    const isSrt = protocol === 'srt_caller' || protocol === 'srt_listener'
    return skipped(isSrt ? 'SRT is encrypted where it has a passphrase.' : 'This address is not encrypted.')
  }
  if (!found.tls) return skipped('Not tried: nothing answered.')
  return found.tls.ok ? ok(found.tls.words) : problem(found.tls.words)
}

/** Only the start of the output logs in. */
function checkLogin({ protocol, hasLogin }: Checked): Finding[] {
  if (hasLogin) return [skipped('User name and password are not tried. The output shows it when it starts.')]
  return protocol === 'rtsp' ? [skipped('No login is set. Whether the server asks for one was not tried.')] : []
}

/** Whether what cannot be sent is the picture; the words about it come from where it is sent. */
function isPictureRefused({ protocol, options, found: { feed } }: Checked): boolean {
  return protocol === 'rtmp' && options.video === 'copy' && feed?.video != null && feed.video.codec !== 'h264'
}

function isSoundRefused(o: Checked): boolean {
  const { refusal, feed } = o.found
  return refusal !== null && !isPictureRefused(o) && o.options.audio === 'copy' && feed?.audio != null
}

function checkVideo(o: Checked): Finding {
  const { refusal, feed } = o.found
  if (refusal !== null && !isSoundRefused(o)) return problem(refusal)
  if (o.options.video === 'none') return ok('No picture is sent.')
  if (!feed) return skipped(NO_FEED)
  if (!feed.video) return warning('The feed carries no picture.')
  const name = codecName(feed.video.codec)
  if (o.options.video === 'copy') return ok(`${name} goes out as it comes.`)
  return ok(`Weir makes H.264 in ${o.options.video} of the feed's ${name}.`)
}

function checkAudio(o: Checked): Finding {
  const { refusal, feed } = o.found
  if (isSoundRefused(o)) return problem(refusal ?? '')
  const needsSound = `${o.preset.name} asks for sound and may refuse a feed without.`
  if (o.options.audio === 'none')
    return o.preset.rules ? warning(`No sound is sent. ${needsSound}`) : ok('No sound is sent.')
  if (!feed) return skipped(NO_FEED)
  if (!feed.audio)
    return o.preset.rules
      ? warning(`The feed carries no sound. ${needsSound}`)
      : ok('The feed carries no sound: the picture goes out alone.')
  const name = codecName(feed.audio.codec)
  if (o.options.audio === 'copy') return ok(`${name} goes out as it comes.`)
  if (o.options.audio === 'aac') return ok(`Weir makes AAC of the feed's ${name}.`)
  return isSoundCopied(o.protocol, feed.audio.codec)
    ? ok(`${name} goes out as it comes.`)
    : ok(`Weir makes AAC of the feed's ${name}: this destination does not take it as it is.`)
}

/** What `auto` does; FFmpeg 5.1 copies no AAC with ADTS headers into RTP (rtpenc.c). */
function isSoundCopied(protocol: Protocol, codec: string): boolean {
  if (protocol === 'rtmp') return codec === 'aac'
  return protocol !== 'rtsp' || codec !== 'aac'
}

/** What this output will send, as far as that is known. */
function expectedKbps({ options, found }: Checked): number | null {
  if (options.video === '720p' || options.video === '480p') return TRANSCODE_KBPS[options.video]
  return options.video === 'copy' ? (found.feed?.bitrateKbps ?? null) : null
}

function checkBitrate(o: Checked): Finding {
  if (o.options.video === 'none') return skipped('No picture is sent, and sound alone is little.')
  const kbps = expectedKbps(o)
  if (kbps === null) return skipped(o.found.feed ? 'The bitrate is not known yet.' : NO_FEED)
  const { rules, name } = o.preset
  if (!rules) return ok(`${rateWords(kbps)}. No limit of this destination is known.`)
  if (kbps <= rules.maxKbps) return ok(`${rateWords(kbps)}, and ${name} takes up to ${rateWords(rules.maxKbps)}.`)
  return warning(
    `${rateWords(kbps)}, but ${name} takes ${rateWords(rules.maxKbps)} at most. Lower the bitrate of the encoder, or set the picture of this output to 720p.`,
  )
}

function checkKeyframes(o: Checked): Finding {
  if (o.options.video === 'none') return skipped('No picture is sent.')
  const { rules, name } = o.preset
  const seconds = o.options.video === 'copy' ? o.found.feed?.keyframeSeconds : TRANSCODE_KEYFRAME_SECONDS
  if (seconds == null) return skipped(o.found.feed ? 'Not known yet: two keyframes must come.' : NO_FEED)
  const every = `A keyframe every ${secondsWords(seconds)}`
  const remedy = `Set the keyframe interval of the encoder to ${rules?.keyframeSeconds ?? 2} s.`
  if (rules) {
    if (rules.maxKeyframeSeconds !== null && seconds > rules.maxKeyframeSeconds * TOLERANCE)
      return problem(`${every}, but ${name} takes ${rules.maxKeyframeSeconds} s at most. ${remedy}`)
    if (seconds > rules.keyframeSeconds * TOLERANCE)
      return warning(`${every}, but ${name} asks for ${rules.keyframeSeconds} s. ${remedy}`)
    return ok(`${every}, as ${name} asks for.`)
  }
  if (seconds > LONG_KEYFRAME_SECONDS) return warning(`${every}: so long may the picture take to appear. ${remedy}`)
  return ok(`${every}.`)
}

function checkUpload(o: Checked): Finding {
  const kbps = expectedKbps(o)
  const now =
    o.uploadKbps < 1
      ? 'No other output of this server sends now'
      : `The other outputs of this server send ${rateWords(o.uploadKbps)} now`
  if (o.staysHere) return ok(`${now}. This one goes to this machine itself and adds nothing.`)
  if (o.options.video === 'none') return ok(`${now}. Sound alone adds little.`)
  if (kbps === null) return skipped(`${now}. What this one adds is not known yet.`)
  const adds =
    o.protocol === 'srt_listener'
      ? `each caller adds ${rateWords(kbps)}`
      : `with this one it is ${rateWords(o.uploadKbps + kbps)}`
  return ok(`${now}; ${adds}. Your line must carry that, with some to spare.`)
}

function rateWords(kbps: number): string {
  const { value, unit } = formatRate(kbps)
  return `${value} ${unit}`
}

const secondsWords = (seconds: number) => `${Number(seconds.toFixed(1))} s`
