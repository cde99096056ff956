import { on } from './dom.ts'
import { type BulkAct, doToAll } from './picture-acts.ts'

const TICKS = '#pictures .picture > .tick'

/** Several pictures at once: ticks, with shift a range, and the bar that says how many and does something with them. */
export function startPictureSelect(): void {
  const selected = new Set<string>()
  let anchor: string | null = null

  const ticks = () => [...document.querySelectorAll<HTMLInputElement>(TICKS)]

  /** The list may have been replaced: what is gone is not selected any more. */
  function show(): void {
    const all = ticks()
    const there = new Set(all.map(({ value }) => value))
    for (const id of selected) if (!there.has(id)) selected.delete(id)
    for (const tick of all) tick.checked = selected.has(tick.value)
    const bar = document.getElementById('bulkbar')
    const count = document.getElementById('bulk-count')
    document.getElementById('pictures')?.toggleAttribute('data-selecting', selected.size > 0)
    if (bar) bar.hidden = selected.size === 0
    if (count) count.textContent = selected.size === 0 ? '' : `${selected.size} selected`
  }

  function set(ids: Iterable<string>, isOn: boolean): void {
    for (const id of ids) {
      if (isOn) selected.add(id)
      else selected.delete(id)
    }
    show()
  }

  on('click', TICKS, (tick, event) => {
    if (!(tick instanceof HTMLInputElement)) return
    const ids = ticks().map(({ value }) => value)
    const from = anchor === null ? -1 : ids.indexOf(anchor)
    const to = ids.indexOf(tick.value)
    const isRange = event instanceof MouseEvent && event.shiftKey && from >= 0
    set(isRange ? ids.slice(Math.min(from, to), Math.max(from, to) + 1) : [tick.value], tick.checked)
    anchor = tick.value
  })
  on('click', '[data-select]', (button) => {
    const isAll = button.dataset['select'] === 'all'
    set(
      ticks().map(({ value }) => value),
      isAll,
    )
    // The bar that held the focus is gone.
    if (!isAll) ticks()[0]?.focus()
  })
  on('click', '[data-bulk]', (button) => {
    const act = toAct(button)
    if (!act || selected.size === 0) return
    void doToAll([...selected], act).then((isDone) => {
      if (!isDone) return
      anchor = null
      set([...selected], false)
    })
  })
  // Enter in the field of the tag means: add it.
  on('submit', '#bulkbar', (_bar, event) => {
    event.preventDefault()
    document.querySelector<HTMLElement>('#bulk-tag[open] [data-value="add"]')?.click()
  })
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || selected.size === 0) return
    if (document.querySelector('dialog:modal, details.menu[open]')) return
    set([...selected], false)
  })
  document.addEventListener('htmx:after:swap', show)
  show()
}

function toAct({ dataset }: HTMLElement): BulkAct | null {
  const value = dataset['value'] ?? ''
  switch (dataset['bulk']) {
    case 'delete':
      return { action: 'delete' }
    case 'restore':
      return { action: 'restore' }
    case 'visibility':
      return { action: 'visibility', visibility: value }
    case 'move':
      return { action: 'move', stream_key: value }
    case 'tag': {
      const field = document.getElementById('bulk-tag-name')
      const tags = field instanceof HTMLInputElement ? toTags(field.value) : []
      if (tags.length === 0) {
        field?.focus()
        return null
      }
      return value === 'add' ? { action: 'tag', tags_add: tags } : { action: 'tag', tags_remove: tags }
    }
    default:
      return null
  }
}

/** `a, b` as people type them. */
export function toTags(text: string): string[] {
  return text
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '')
}
