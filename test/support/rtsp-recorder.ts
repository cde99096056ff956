import { join } from 'node:path'
import { freeTcpPort } from './ports.ts'
import { type Program, startProgram } from './processes.ts'
import { tempDir } from './temp.ts'
import { eventually } from './waiting.ts'

const SCRIPT = join(import.meta.dir, '../fixtures/children/rtsp-recorder.py')
const PICTURE = 'h264parse ! video/x-h264,stream-format=byte-stream,alignment=au'
const SOUND = 'aacparse ! audio/mpeg,stream-format=adts'
/** By the order of the streams in the announcement. AAC is MPEG4-GENERIC. */
const PIPELINES = {
  both: `rtph264depay name=depay0 ! ${PICTURE} ! VIDEO rtpmp4gdepay name=depay1 ! ${SOUND} ! AUDIO`,
  audio: `rtpmp4gdepay name=depay0 ! ${SOUND} ! AUDIO`,
}

export type RtspRecorder = AsyncDisposable & {
  port: number
  program: Program
  /** The picture and the sound as they were taken off the wire, each a stream of its own: H.264 and ADTS. */
  video: string
  audio: string
  /** Resolves when so much more of both together has arrived. */
  received(bytes: number): Promise<void>
}

/** GStreamer's RTSP server, taking one push at `/live`; `auth` wants `publisher` with the password `p@ss:w/d`. */
export async function startRtspRecorder(
  o: { carries?: keyof typeof PIPELINES; auth?: 'basic' | 'digest' } = {},
): Promise<RtspRecorder> {
  const port = await freeTcpPort()
  const dir = tempDir('rtsp')
  const [video, audio] = [join(dir, 'video.h264'), join(dir, 'audio.aac')]
  const sink = (path: string) => `filesink sync=false buffer-mode=unbuffered location=${path}`
  const pipeline = `( ${PIPELINES[o.carries ?? 'both'].replace('VIDEO', sink(video)).replace('AUDIO', sink(audio))} )`
  const program = startProgram(['/usr/bin/python3', SCRIPT, String(port), pipeline, o.auth ?? 'none'])
  await eventually(20_000, `the RTSP server listens: ${program.lines.join(' | ')}`, () =>
    program.lines.some((line) => line.includes('listening')),
  )
  const sizeBytes = () => Bun.file(video).size + Bun.file(audio).size
  return {
    port,
    program,
    video,
    audio,
    async received(bytes) {
      const target = sizeBytes() + bytes
      await eventually(30_000, `${bytes} more bytes by RTSP`, () => sizeBytes() >= target)
    },
    async [Symbol.asyncDispose]() {
      // A frozen one hears nothing else.
      program.kill('SIGCONT')
      await program.stop()
    },
  }
}
