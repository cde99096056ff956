/** @jsxImportSource hono/jsx */
import { codecName } from '../ui/format.ts'
import { NoFigure, Rate } from '../ui/figures.tsx'
import type { ProbeResource } from './inputs.schema.ts'
import { audioWords, videoWords } from './inputs.words.ts'

type Track = ProbeResource['programs'][number]['tracks'][number]

/** All that the feed carries, program by program: `#input-3-probe`. */
export function InputProbe({ inputId, probe }: { inputId: number; probe: ProbeResource }) {
  return (
    <div class="table-box" id={`input-${inputId}-probe`}>
      <table class="table">
        <caption class="sr-only">What the feed carries</caption>
        <thead>
          <tr>
            <th scope="col">Program</th>
            <th scope="col">Track</th>
            <th scope="col">What</th>
            <th scope="col">Language</th>
          </tr>
        </thead>
        <tbody>
          {probe.programs.length === 0 && (
            <tr>
              <td colspan={4}>Nothing arrives now.</td>
            </tr>
          )}
          {probe.programs.flatMap((program) =>
            program.tracks.map((track) => (
              <tr>
                <th scope="row">
                  {program.number} {program.chosen && <span class="chip">taken</span>}
                </th>
                <td data-label="Track">{`${track.type}, PID ${track.pid}`}</td>
                <td data-label="What">{trackWords(track)}</td>
                <td data-label="Language">{track.language ?? <NoFigure />}</td>
              </tr>
            )),
          )}
        </tbody>
      </table>
      <p class="note card-pad">
        Together <Rate kbps={probe.bitrate_kbps} />
      </p>
    </div>
  )
}

function trackWords(track: Track): string {
  if (track.type === 'video') return videoWords({ video: track }) ?? ''
  if (track.type === 'audio') return audioWords({ audio: track }) ?? ''
  return codecName(track.codec)
}
