/** @jsxImportSource hono/jsx */
import { Button } from '../../ui/button.tsx'
import { Figure, NoFigure } from '../../ui/figures.tsx'
import { formatBinaryBytes, formatCount } from '../../ui/format.ts'
import type { CacheStats } from '../images.schema.ts'

type Layer = CacheStats['layers']['memory']

/** Pictures that need not be read or made again, for the system page. Clearing loses no picture, so it does not ask. */
export function CacheBox({ stats }: { stats: CacheStats }) {
  const action = '/api/images/cache/clear'
  return (
    <section class="card table-box" aria-labelledby="caches-h">
      <div class="card-head">
        <h2 id="caches-h">Pictures at hand</h2>
        <form class="act push" method="post" action={action} hx-post={action} hx-target="#caches" hx-swap="outerHTML">
          <Button type="submit" label="Clear memory" small />
        </form>
      </div>
      <CacheTable stats={stats} />
    </section>
  )
}

/** Each place that pictures come from: how much of it is used, and how often it had what was asked for. `#caches`. */
export function CacheTable({ stats }: { stats: CacheStats }) {
  const { http, memory, disk } = stats.layers
  const rows: { name: string; words: string; layer: Layer; isFull: boolean }[] = [
    {
      name: 'Copies of visitors',
      words: 'Those that were asked about and were still right',
      layer: http,
      isFull: false,
    },
    { name: 'Memory', words: 'What is asked for again and again', layer: memory, isFull: true },
    { name: 'Disk', words: 'Sizes that were made of the uploads', layer: disk, isFull: true },
  ]
  return (
    <table class="table" id="caches">
      <thead>
        <tr>
          <th scope="col">Where</th>
          <th scope="col">In words</th>
          <th scope="col" class="num">
            Used
          </th>
          <th scope="col" class="num">
            Files
          </th>
          <th scope="col" class="num">
            Found there
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ name, words, layer, isFull }) => (
          <tr>
            <th scope="row">{name}</th>
            <td class="wide">{words}</td>
            <td class="num" data-label="Used">
              {isFull ? <Used layer={layer} /> : <NoFigure />}
            </td>
            <td class="num" data-label="Files">
              {isFull ? <Figure>{formatCount(layer.items)}</Figure> : <NoFigure />}
            </td>
            <td class="num" data-label="Found there">
              <Found layer={layer} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Used({ layer }: { layer: Layer }) {
  const { value, unit } = formatBinaryBytes(layer.used_bytes)
  const most = formatBinaryBytes(layer.limit_bytes)
  return <Figure unit={layer.limit_bytes > 0 ? `${unit} of ${most.value} ${most.unit}` : unit}>{value}</Figure>
}

/** Whoever waited for what another had asked for found it there too. */
function Found({ layer }: { layer: Layer }) {
  const found = layer.hits + layer.coalesced
  const asked = found + layer.misses
  return asked === 0 ? <NoFigure /> : <Figure unit="%">{Math.floor((found / asked) * 100)}</Figure>
}
