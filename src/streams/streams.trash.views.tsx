/** @jsxImportSource hono/jsx */
import { Act } from '../ui/act.tsx'
import { RelativeTime } from '../ui/time.tsx'

export type StreamInTrash = { key: string; title: string; deleted_at: string }

/** Streams that were taken away with all their pictures; back on its page is where each of them leads. */
export function StreamsInTrash({ streams }: { streams: readonly StreamInTrash[] }) {
  return (
    <section class="card table-box" aria-labelledby="trash-streams-h">
      <div class="card-head">
        <h2 id="trash-streams-h">Streams</h2>
        <span class="note">each with its pictures</span>
      </div>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">Title</th>
            <th scope="col">Deleted</th>
            <th scope="col" class="acts">
              <span class="sr-only">Acts</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {streams.map(({ key, title, deleted_at }) => (
            <tr id={`trash-stream-${key}`}>
              <th scope="row">{title}</th>
              <td class="wide">
                <RelativeTime at={deleted_at} ago />
              </td>
              <td class="acts">
                <Act
                  label={`Put ${title} back`}
                  icon="restart"
                  action={`/api/streams/${key}/restore`}
                  kind="quiet"
                  iconOnly
                  small
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
