import { on, whenAdded } from './dom.ts'

/** Where this browser keeps that it wants no keys. */
const STORED = 'weir-air-keys'
const SWITCH = '[data-do="air-keys"]'
const TYPING = 'input, textarea, select, [contenteditable]'

/**
 * Digits put something on air, on the page of an input. Not while somebody types, in a dialog, with a modifier, or held down;
 * and whoever does not want them switches them off (WCAG 2.2, 2.1.4).
 */
export function startAirKeys(): void {
  whenAdded(SWITCH, show)
  on('click', SWITCH, (button) => {
    localStorage.setItem(STORED, isWanted() ? 'off' : 'on')
    show(button)
  })
  document.addEventListener('keydown', (event) => {
    if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || !isWanted()) return
    if (!/^\d$/.test(event.key) || document.querySelector('dialog:modal')) return
    if (event.target instanceof Element && event.target.closest(TYPING)) return
    const button = document.querySelector<HTMLButtonElement>(`button[data-key="${event.key}"]:not([aria-disabled])`)
    // Who may not press it does not see it.
    if (button?.checkVisibility()) button.click()
  })
}

function isWanted(): boolean {
  return localStorage.getItem(STORED) !== 'off'
}

function show(button: HTMLElement): void {
  button.setAttribute('aria-pressed', String(isWanted()))
}
