import { isPoll, on } from './dom.ts'

/** What opens and closes in place: drawers under their row, menus. */
export function startReveals(): void {
  on(
    'click',
    '[aria-controls][aria-expanded]',
    (button) => {
      const drawer = document.getElementById(button.getAttribute('aria-controls') ?? '')
      if (!drawer) return
      const isOpen = button.getAttribute('aria-expanded') === 'true'
      button.setAttribute('aria-expanded', String(!isOpen))
      drawer.hidden = isOpen
    },
    // Before HTMX, which asks for what the drawer shows only where it is open by then.
    { capture: true },
  )
  // What cannot be seen is not asked for: a closed drawer, a tab behind others. Nor is a server that does not answer.
  document.addEventListener('htmx:config:request', (event) => {
    const source = event.detail.ctx.sourceElement
    const isIdle = document.hidden || source.closest('[hidden], [data-stale]') !== null
    const button = source.matches('[aria-controls][aria-expanded="false"]')
    if (button || (isPoll(source) && isIdle)) event.preventDefault()
  })
  document.addEventListener('click', (event) => {
    for (const menu of openMenus()) {
      const isInside = event.target instanceof Node && menu.contains(event.target)
      const isChoice = event.target instanceof Element && event.target.closest('.menu-list :is(a, button)')
      if (!isInside || isChoice) menu.open = false
      // A choice that is hidden now cannot take the focus back from the dialog that it opens; the menu's button can.
      if (isChoice && isInside) menu.querySelector('summary')?.focus()
    }
  })
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return
    for (const menu of openMenus()) {
      menu.open = false
      menu.querySelector('summary')?.focus()
    }
  })
}

function openMenus(): NodeListOf<HTMLDetailsElement> {
  return document.querySelectorAll<HTMLDetailsElement>('details.menu[open]')
}
