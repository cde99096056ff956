/** @jsxImportSource hono/jsx */
import type { StatusView } from '../system/system.schema.ts'
import { formatBinaryBytes } from '../ui/format.ts'
import { Gauge } from '../ui/gauge.tsx'

/** How busy the machine is: `#host` with a gauge for each. */
export function HostGauges({ status }: { status: StatusView }) {
  const { host, process } = status
  const usedMemory = host.memory_total_bytes - host.memory_available_bytes
  const usedDisk = host.disk_total_bytes - host.disk_free_bytes
  const [load = 0] = host.load
  const cores = host.cpu_count === 1 ? '1 core' : `${host.cpu_count} cores`
  return (
    <div class="gauges" id="host">
      <Gauge name="cpu" label="CPU" percent={host.cpu_percent} note={cores} />
      <Gauge
        name="memory"
        label="Memory"
        percent={part(usedMemory, host.memory_total_bytes)}
        figure={formatBinaryBytes(usedMemory)}
        note={`of ${bytes(host.memory_total_bytes)} · Weir ${bytes(process.memory_bytes)}`}
      />
      <Gauge
        name="disk"
        label="Disk"
        percent={part(usedDisk, host.disk_total_bytes)}
        note={`${bytes(host.disk_free_bytes)} left of ${bytes(host.disk_total_bytes)}`}
      />
      <Gauge
        name="load"
        label="Load"
        percent={Math.min(100, (load / host.cpu_count) * 100)}
        figure={{ value: load.toFixed(2), unit: '' }}
        note={`Weir answers within ${Math.max(1, Math.round(status.event_loop_lag_ms))} ms`}
      />
    </div>
  )
}

const part = (used: number, total: number) => (total > 0 ? (used / total) * 100 : null)

function bytes(count: number): string {
  const { value, unit } = formatBinaryBytes(count)
  return `${value} ${unit}`
}
