export type Check = {
  videoFrames: number
  audioFrames: number
  videoCodec: string | null
  audioCodec: string | null
  width: number | null
  height: number | null
  durationSeconds: number
  /** What a full decode complained about. */
  decodeErrors: string[]
}

/** What looks at recordings steps back behind the shows that still run beside it. */
export const BEHIND = ['nice', '-n', '5']

/** What ffprobe and a full decode say of a received file. */
export async function checkMedia(path: string): Promise<Check> {
  const probe = await output([
    'ffprobe',
    '-v',
    'error',
    '-of',
    'json',
    '-show_format',
    '-show_streams',
    '-count_packets',
    path,
  ])
  const { streams = [], format = {} } = JSON.parse(probe.stdout || '{}') as {
    streams?: { codec_type: string; codec_name: string; nb_read_packets?: string; width?: number; height?: number }[]
    format?: { duration?: string }
  }
  const video = streams.find((s) => s.codec_type === 'video')
  const audio = streams.find((s) => s.codec_type === 'audio')
  // Times as they are: rounded to a guessed frame rate, two pictures of a faster feed would seem to come at once.
  const exact = ['-vsync', 'passthrough', '-enc_time_base', '1:90000', '-f', 'null', '-']
  const decode = await output([...BEHIND, 'ffmpeg', '-hide_banner', '-nostdin', '-v', 'error', '-i', path, ...exact])
  return {
    videoFrames: Number(video?.nb_read_packets ?? 0),
    audioFrames: Number(audio?.nb_read_packets ?? 0),
    videoCodec: video?.codec_name ?? null,
    audioCodec: audio?.codec_name ?? null,
    width: video?.width ?? null,
    height: video?.height ?? null,
    durationSeconds: Number(format.duration ?? 0),
    decodeErrors: decode.stderr.split('\n').filter((line) => line.trim() !== ''),
  }
}

async function output(command: string[]): Promise<{ stdout: string; stderr: string }> {
  const child = Bun.spawn(command, { stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' })
  const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  await child.exited
  return { stdout, stderr }
}
