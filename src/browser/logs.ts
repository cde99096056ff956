import { on } from './dom.ts'

/** A pixel or two of the last line may be cut off and it is still the end. */
const END_PX = 8

/** Logs: which lines are shown, and a list that follows its end as long as its reader stays there. */
export function startLogs(): void {
  on('change', '[data-filters] input', (input) => {
    const list = document.getElementById(input.closest<HTMLElement>('[data-filters]')?.dataset['filters'] ?? '')
    if (!list || !(input instanceof HTMLInputElement)) return
    list.dataset['show'] = input.value
    list.scrollTop = list.scrollHeight
  })
  const left = new WeakSet<Element>()
  document.addEventListener(
    'scroll',
    ({ target }) => {
      if (!(target instanceof HTMLElement) || !target.matches('[data-log]')) return
      const isAtEnd = target.scrollHeight - target.scrollTop - target.clientHeight <= END_PX
      if (isAtEnd) left.delete(target)
      else left.add(target)
    },
    { capture: true, passive: true },
  )
  const follow = new MutationObserver((records) => {
    const lists = new Set<Element>()
    for (const { target, addedNodes } of records) {
      if (addedNodes.length === 0 || !(target instanceof Element)) continue
      const around = target.closest('[data-log]')
      if (around) lists.add(around)
      else for (const list of target.querySelectorAll('[data-log]')) lists.add(list)
    }
    for (const list of lists) if (!left.has(list)) list.scrollTop = list.scrollHeight
  })
  follow.observe(document.body, { childList: true, subtree: true })
}
