import type { Clock } from '../../lib/clock.ts'
import type { LogLine } from '../actual.ts'
import { startDirect } from './direct.ts'
import { buildOutputCommand } from '../ffmpeg/arguments.ts'
import { encodesPicture, encodesSound } from '../ffmpeg/streams.ts'
import type { Listener } from './output-listener.ts'
import { startProcess } from '../process.ts'
import { type PlaceWords, toDoorWords, toGateWords } from '../place-words.ts'
import type { Program } from '../program/program.ts'
import { openRtspGate, type RtspGate } from '../rtsp/gate.ts'
import { type Run, type RunRequest, startRun } from './run.ts'
import { takeGuardWarning } from '../spawn.ts'
import type { OutputSpec } from '../specs.ts'

export type StartRequest = {
  spec: OutputSpec
  program: Program
  listener: Listener | null
  clock: Clock
  ffmpegPath: string
  instance: string
  caFile: string | null
  /** Where its host was found, and where it goes; null of a listener. */
  address: string | null
  gateWasBusy: boolean
  startProcess: RunRequest['startProcess'] | undefined
  mask(line: string): string
  onLine(level: LogLine['level'], text: string): void
  note(level: LogLine['level'], text: string): void
  onBytes(): void
}

/** Of an end, as `ChildExit` has them. */
const MAX_LINES = 20

/** Begins one life of an output: its FFmpeg, or for `direct` a socket of our own. Throws when it cannot be started. */
export function startOutput(request: StartRequest): Run {
  const { spec, program, clock, note, address } = request
  if (spec.engine === 'direct') {
    if (spec.target.protocol !== 'udp') throw new Error('only UDP can be sent without FFmpeg')
    note('info', 'Sending without FFmpeg')
    const { target, transparent } = spec
    return startDirect({
      clock,
      program,
      target,
      address: looked(address),
      transparent,
      onBytes: request.onBytes,
    })
  }
  if (spec.target.protocol !== 'rtsp') return startFfmpeg(request, null)
  const gate = openRtspGate({ ...spec.target, address: looked(address) }, request.caFile)
  try {
    const run = startFfmpeg(request, gate)
    const exited = run.exited.then((exit) => {
      gate.close()
      if (!gate.verdict) return exit
      // FFmpeg knows the gate alone: what the gate met is the cause.
      return { ...exit, verdict: gate.verdict, lines: [gate.verdict.words, ...exit.lines.slice(1 - MAX_LINES)] }
    })
    return { ...run, exited }
  } catch (cause) {
    gate.close()
    throw cause
  }
}

function startFfmpeg(request: StartRequest, gate: RtspGate | null): Run {
  const { spec, program, clock, note, caFile, address } = request
  const mediaPath = request.listener?.mediaPath ?? null
  const { format } = program
  const hidePlaces = placeWordsOf(spec.target, mediaPath, gate)
  if (spec.target.protocol !== 'srt_listener') looked(address)
  const command = buildOutputCommand(spec, { format, caFile, mediaPath, address, gate })
  const run = startRun({
    clock,
    program,
    paced: isPaced(spec, mediaPath),
    argv: [request.ffmpegPath, ...command.args],
    adapts: encodesSound(spec, program.format),
    niced: encodesPicture(spec),
    counts: countsOf(spec, gate),
    preset: command.preset,
    instance: request.instance,
    // An encoder opens slowly, and steps back behind the others while it does.
    startsSlowly: request.gateWasBusy || encodesPicture(spec),
    startProcess: request.startProcess ?? startProcess,
    mask: (line) => request.mask(hidePlaces(line)),
    onLine: request.onLine,
    onBytes: request.onBytes,
  })
  note('info', `FFmpeg started, process ${run.pid}`)
  const codec = format?.audio?.codec
  if (codec && spec.audio === 'auto' && encodesSound(spec, format))
    note('info', `The sound (${codec}) is encoded again as AAC: ${spec.target.protocol} does not take it as it is.`)
  const unguarded = takeGuardWarning()
  if (unguarded) note('warning', unguarded)
  return run
}

/** Nothing goes where nobody has looked. */
function looked(address: string | null): string {
  if (address === null) throw new Error('the destination was not looked up')
  return address
}

function placeWordsOf(target: OutputSpec['target'], mediaPath: string | null, gate: RtspGate | null): PlaceWords {
  if (mediaPath !== null) return toDoorWords(mediaPath)
  return gate && target.protocol === 'rtsp' ? toGateWords(gate, target) : (line) => line
}

/** Receivers of UDP and SRT lose what comes too fast; TCP and the door's own socket say when they are full. */
function isPaced({ target }: OutputSpec, mediaPath: string | null): boolean {
  switch (target.protocol) {
    case 'rtmp':
      return false
    case 'rtsp':
      return target.transport === 'udp'
    case 'srt_listener':
      return mediaPath === null
    default:
      return true
  }
}

/** FFmpeg does not say how much it sent by RTSP: the gate does; by UDP a copy sends what it was fed, less the transport stream's own headers. */
function countsOf(spec: OutputSpec, gate: RtspGate | null): RunRequest['counts'] {
  if (spec.target.protocol !== 'rtsp') return 'written'
  if (gate && spec.target.transport === 'tcp') return () => gate.bytesSent
  return encodesPicture(spec) ? null : 'fed'
}
