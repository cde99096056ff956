import { whenAdded } from './dom.ts'

/**
 * The history of an input. Its stream brings every line: where the list shows a part of them, only lines of that kind stay;
 * where there are earlier ones, the count goes along.
 */
export function startHistory(): void {
  whenAdded('.events > [data-kinds]', (line) => {
    const list = line.parentElement
    const show = line.closest<HTMLElement>('[data-show]')?.dataset['show']
    // Several come at once: what goes was counted with those before it.
    if (show && !line.dataset['kinds']?.split(' ').includes(show)) line.remove()
    else list?.querySelector('[data-nothing]')?.remove()
    const count = list?.querySelector<HTMLElement>('[data-earlier]')
    if (!list || !count) return
    const shown = list.querySelectorAll('[data-kinds]').length
    count.textContent = `${shown} of ${shown + Number(count.dataset['earlier'])}`
  })
}
