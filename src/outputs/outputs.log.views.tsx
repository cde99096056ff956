/** @jsxImportSource hono/jsx */
import type { z } from 'zod'
import type { logsResource } from '../live/wire.ts'
import { formatDuration } from '../ui/format.ts'
import { LogView } from '../ui/log.tsx'
import { StateBadge } from '../ui/state.tsx'
import { RelativeTime } from '../ui/time.tsx'
import type { OutputResource } from './outputs.schema.ts'
import { exitCodeWords, exitWords, foldExits, NEXT_WORDS } from './outputs.words.ts'

export type OutputLogs = z.infer<typeof logsResource>

/** What stands in an open drawer: the newest lines (`#output-7-log`, which grows while it is seen) and the past exits. */
export function OutputLog({
  output,
  logs,
}: {
  output: Pick<OutputResource, 'id' | 'input_id' | 'name'>
  logs: OutputLogs
}) {
  const url = `/api/inputs/${output.input_id}/outputs/${output.id}/logs`
  return (
    <>
      <LogView id={`output-${output.id}`} name={output.name} lines={logs.lines} refreshUrl={url} />
      {logs.exits.length > 0 && <PastExits exits={logs.exits} />}
    </>
  )
}

function PastExits({ exits }: { exits: OutputLogs['exits'] }) {
  return (
    <div>
      <h3>Past exits</h3>
      <div class="table-box">
        <table class="table">
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">Why</th>
              <th scope="col">Ran for</th>
              <th scope="col">Exit</th>
              <th scope="col">Then</th>
            </tr>
          </thead>
          <tbody>
            {foldExits(exits.toReversed()).map(({ exit, count }) => (
              <tr>
                <td>
                  <RelativeTime at={exit.at} ago />
                  {count > 1 && <span class="note"> and {count - 1} times before</span>}
                </td>
                <td class="wide">
                  <StateBadge of="output" state={exit.next === 'none' ? 'stopped' : 'error'} word={exitWords(exit)} />
                </td>
                <td data-label="Ran for">{exit.ran_seconds < 1 ? 'under 1 s' : formatDuration(exit.ran_seconds)}</td>
                <td data-label="Exit">
                  <code>{exitCodeWords(exit)}</code>
                </td>
                <td data-label="Then">{NEXT_WORDS[exit.next]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  )
}
