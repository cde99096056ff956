/** @jsxImportSource hono/jsx */
import { Button } from '../ui/button.tsx'
import { Copy } from '../ui/copy.tsx'
import { Confirm } from '../ui/dialog.tsx'
import { Figure, NoFigure, Rate } from '../ui/figures.tsx'
import { Icon } from '../ui/icon.tsx'
import { RelativeTime } from '../ui/time.tsx'
import type { CallerResource, OutputResource } from './outputs.schema.ts'
import { callersWords } from './outputs.words.ts'

/** Where receivers call, to be given to them. Of other outputs nothing. */
export function ListenAddress({ output }: { output: OutputResource }) {
  if (output.listen_url === null) return null
  const asked = [
    output.has_passphrase && 'the passphrase',
    output.options.stream_id !== null && 'the stream ID',
  ].filter(Boolean)
  return (
    <div class="output-listen">
      <span class="note">Receivers call</span>
      <Copy text={output.listen_url} label={`Copy: address of ${output.name}`} />
      {asked.length > 0 && <span class="note">with {asked.join(' and ')}</span>}
    </div>
  )
}

/** Who has called, in a list that opens: `#output-7-callers`, told as the figures are. Of other outputs nothing. */
export function OutputCallers({ output }: { output: OutputResource }) {
  if (output.callers === null) return null
  const { callers } = output
  return (
    <details class="disclose callers" id={`output-${output.id}-callers`} hidden={callers.length === 0}>
      <summary>
        <Icon name="right" />
        {callersWords(callers.length)}
      </summary>
      <div class="table-box">
        <table class="table">
          <thead>
            <tr>
              <th scope="col">Address</th>
              <th scope="col">Since</th>
              <th scope="col" class="num">
                Bitrate
              </th>
              <th scope="col" class="num">
                Round trip
              </th>
              <th scope="col" class="num">
                Lost
              </th>
              <th scope="col" class="num">
                Sent again
              </th>
              <th scope="col">
                <span class="sr-only">Acts</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {callers.map((caller) => (
              <CallerRow output={output} caller={caller} />
            ))}
          </tbody>
        </table>
      </div>
      {callers.map((caller) => (
        <CallerEnd output={output} caller={caller} />
      ))}
    </details>
  )
}

const endId = (output: OutputResource, caller: CallerResource) => `output-${output.id}-caller-${caller.id}-end`

function CallerRow({ output, caller }: { output: OutputResource; caller: CallerResource }) {
  const { rtt_ms: rtt, loss_percent: loss, packets_retransmitted: again } = caller
  return (
    <tr id={`output-${output.id}-caller-${caller.id}`}>
      <td>
        <code>{caller.address}</code>
        {caller.stream_id !== '' && <div class="note">{caller.stream_id}</div>}
      </td>
      <td data-label="Since">
        <RelativeTime at={caller.connected_at} />
      </td>
      <td class="num" data-label="Bitrate">
        <Rate kbps={caller.bitrate_kbps} />
      </td>
      <td class="num" data-label="Round trip">
        {rtt === null ? <NoFigure /> : <Figure unit="ms">{String(Math.round(rtt))}</Figure>}
      </td>
      <td class="num" data-label="Lost">
        {loss === null ? <NoFigure /> : <Figure unit="%">{loss.toFixed(2)}</Figure>}
      </td>
      <td class="num" data-label="Sent again">
        {again === null ? <NoFigure /> : <Figure>{String(again)}</Figure>}
      </td>
      <td>
        <Button
          label={`Disconnect ${caller.address}`}
          icon="close"
          kind="quiet"
          small
          iconOnly
          data-open={endId(output, caller)}
        />
      </td>
    </tr>
  )
}

function CallerEnd({ output, caller }: { output: OutputResource; caller: CallerResource }) {
  return (
    <Confirm
      id={endId(output, caller)}
      title={`Disconnect ${caller.address}?`}
      act="Disconnect"
      form={{ 'hx-delete': `/api/inputs/${output.input_id}/outputs/${output.id}/callers/${caller.id}` }}
    >
      <p>
        The others go on. Nobody can call from its address for 60 s. To keep it away for good, change the passphrase.
      </p>
    </Confirm>
  )
}
