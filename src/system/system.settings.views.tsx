/** @jsxImportSource hono/jsx */
import type { Setting } from '../config.ts'

const SOURCES: Record<Setting['source'], string> = {
  env: 'set',
  default: 'default',
  file: 'kept in the data directory',
}

/** Every setting with where it comes from: `#settings`. Those that somebody set stand first. Secrets come masked. */
export function SettingsTable({ settings }: { settings: readonly Setting[] }) {
  const set = settings.filter((setting) => setting.source !== 'default')
  const rest = settings.filter((setting) => setting.source === 'default')
  return (
    <table class="table" id="settings">
      <thead>
        <tr>
          <th scope="col">Setting</th>
          <th scope="col">Value</th>
          <th scope="col">From</th>
        </tr>
      </thead>
      <tbody>
        {[...set, ...rest].map(({ name, value, source }) => (
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
