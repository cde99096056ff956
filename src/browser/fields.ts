import { on } from './dom.ts'

/** Forms: secrets that can be looked at, and the focus on the first field that was refused. */
export function startFields(): void {
  on('click', '[data-do="reveal"]', (button) => {
    const field = button.parentElement?.querySelector('input')
    if (!field) return
    const isShown = field.type === 'password'
    field.type = isShown ? 'text' : 'password'
    button.setAttribute('aria-pressed', String(isShown))
  })
  focusFirstRefused()
  document.addEventListener('htmx:after:swap', ({ detail: { ctx } }) => {
    const status = ctx.response?.status ?? 200
    if (status === 422 || status === 409) focusFirstRefused()
  })
}

/** Nothing outside an open dialog can take the focus. */
function focusFirstRefused(): void {
  const place = document.querySelector('dialog:modal') ?? document
  place.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
}
