/** @jsxImportSource hono/jsx */
import { Icon, type IconName } from './icon.tsx'

export type Choice = { value: string; label: string; icon?: IconName; count?: number }

export type SegmentedProps = {
  name: string
  /** Said to listeners: `Which lines`. */
  legend: string
  value: string
  choices: readonly Choice[]
  /** The id of a `LogList` that shows only lines of the chosen kind. */
  filters?: string
}

/** One of few, in a row. */
export function Segmented({ name, legend, value, choices, filters }: SegmentedProps) {
  return (
    <fieldset class="segmented" data-filters={filters}>
      <legend class="sr-only">{legend}</legend>
      {choices.map((choice) => (
        <label>
          <input type="radio" name={name} value={choice.value} checked={choice.value === value} />
          <span>
            {choice.icon ? <Icon name={choice.icon} /> : null}
            {choice.label}
            {choice.count === undefined ? null : <span class="count"> {choice.count}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  )
}

/** Two letters stand for a service whose logo is not ours to use. */
export type Tile = { value: string; mark: string; label: string; note: string }

export type TilesProps = {
  name: string
  legend: string
  value: string
  tiles: readonly Tile[]
  /** Each tile's own attributes, such as `hx-get`; they go to its radio. */
  attributes?: (tile: Tile) => Record<string, unknown>
}

/** One of several destinations. */
export function Tiles({ name, legend, value, tiles, attributes }: TilesProps) {
  return (
    <fieldset>
      <legend class="sr-only">{legend}</legend>
      <div class="tiles">
        {tiles.map((tile) => (
          <label class="tile">
            <input type="radio" name={name} value={tile.value} checked={tile.value === value} {...attributes?.(tile)} />
            <span class="tile-mark" aria-hidden="true">
              {tile.mark}
            </span>
            <span class="tile-name">{tile.label}</span>
            <span class="tile-note">{tile.note}</span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}
