import { on, whenAdded } from './dom.ts'

/** Dialogs and sheets. The browser itself keeps the focus inside, closes on Escape and gives the focus back. */
export function startDialogs(): void {
  on('click', '[data-open]', (button) => {
    const dialog = document.getElementById(button.dataset['open'] ?? '')
    if (dialog instanceof HTMLDialogElement) show(dialog)
  })
  on('click', '[data-do="close"]', (button) => button.closest('dialog')?.close())
  // A click beside a question is a no; beside a form it is a slip that must not cost what was typed.
  on('click', 'dialog:not(.sheet)', (dialog, event) => {
    if (event.target === dialog && dialog instanceof HTMLDialogElement) dialog.close()
  })
  // One that a fragment brought is gone once it is closed.
  whenAdded('dialog[data-start-open]', (dialog) => {
    if (!(dialog instanceof HTMLDialogElement) || dialog.open) return
    dialog.addEventListener('close', () => dialog.remove())
    show(dialog)
  })
  document.addEventListener('htmx:after:request', ({ detail: { ctx } }) => {
    const isDone = ctx.response !== undefined && ctx.response.status < 400
    if (!isDone || !ctx.sourceElement.matches('[data-close-when-done]')) return
    const dialog = ctx.sourceElement.closest('dialog')
    dialog?.close()
    // At once, not with the close event: the dialog may be gone from the page already, and a message is on its way.
    const toasts = dialog?.querySelector<HTMLElement>('#toasts')
    if (toasts) takeHome(toasts)
    // What opened it may be gone with what was deleted: then the focus goes where the page says.
    const next = ctx.sourceElement.getAttribute('data-focus-when-done')
    if (next) document.getElementById(next)?.focus()
  })
}

/** Messages move into the dialog, for everything else is out of reach while it is open. */
function show(dialog: HTMLDialogElement): void {
  const toasts = document.getElementById('toasts')
  dialog.showModal()
  if (!toasts) return
  dialog.append(toasts)
  dialog.addEventListener('close', () => takeHome(toasts), { once: true })
}

function takeHome(toasts: HTMLElement): void {
  ;(document.querySelector('dialog:modal') ?? document.body).append(toasts)
}
