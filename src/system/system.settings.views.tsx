/** @jsxImportSource hono/jsx */
import type { Setting } from '../config.ts'
import { Icon } from '../ui/icon.tsx'

const SOURCES: Record<Setting['source'], string> = {
  env: 'environment',
  default: 'default',
  file: 'data directory',
}

/** Every setting with where it comes from: `#settings`. Defaults stand behind a line that opens. Secrets come masked. */
export function SettingsTable({ settings }: { settings: readonly Setting[] }) {
  const set = settings.filter((setting) => setting.source !== 'default')
  const rest = settings.filter((setting) => setting.source === 'default')
  return (
    <div id="settings">
      {set.length > 0 ? <Rows settings={set} /> : null}
      {rest.length > 0 ? (
        <details class="disclose card-pad">
          <summary>
            <Icon name="right" />
            {rest.length} settings with their defaults
          </summary>
          <Rows settings={rest} />
        </details>
      ) : null}
    </div>
  )
}

function Rows({ settings }: { settings: readonly Setting[] }) {
  return (
    <table class="table">
      <thead>
        <tr>
          <th scope="col">Setting</th>
          <th scope="col">Value</th>
          <th scope="col">From</th>
        </tr>
      </thead>
      <tbody>
        {settings.map(({ name, value, source }) => (
          <tr>
            <th scope="row">
              <code>{name}</code>
            </th>
            <td class="wide">{toValue(value)}</td>
            <td data-label="From">{SOURCES[source]}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function toValue(value: string | null) {
  if (value === null) return <span class="muted">not set</span>
  if (value === '***') return <span class="muted">set, not shown</span>
  return <code>{value}</code>
}
