import { icon, on, whenAdded } from './dom.ts'

const SHOWN_MS = 6000
const MOST = 4
const ICONS: Record<string, string> = { ok: 'state-running', warn: 'state-warning', bad: 'state-error' }

/** Short messages: from the header of an answer, from the event stream, and problems, which stay until dismissed. */
export function startToasts(): void {
  document.addEventListener('toast', ({ detail }) => {
    document.getElementById('toasts')?.append(createToast(detail.text, detail.tone ?? 'ok', detail.undo))
  })
  on('click', '[data-do="dismiss"]', (button) => button.closest('.toast, .problem')?.remove())
  whenAdded('#toasts > *', (message) => {
    const all = document.querySelectorAll('#toasts > *')
    for (const old of [...all].slice(0, Math.max(0, all.length - MOST))) old.remove()
    if (message.matches('.toast')) leaveLater(message)
  })
}

/** Not while somebody reads it or is about to press its button. */
function leaveLater(toast: HTMLElement): void {
  setTimeout(() => (toast.matches(':hover, :focus-within') ? leaveLater(toast) : toast.remove()), SHOWN_MS)
}

function createToast(text: string, tone: string, undo: (() => void) | undefined): HTMLElement {
  const toast = document.createElement('div')
  toast.className = 'toast'
  toast.dataset['tone'] = tone
  const words = document.createElement('p')
  words.textContent = text
  const dismiss = document.createElement('button')
  dismiss.type = 'button'
  dismiss.className = 'btn btn-quiet btn-small btn-icon'
  dismiss.title = 'Dismiss'
  dismiss.setAttribute('aria-label', 'Dismiss')
  dismiss.dataset['do'] = 'dismiss'
  dismiss.append(icon('close'))
  const actions = document.createElement('span')
  actions.className = 'actions'
  if (undo) actions.append(createUndo(toast, undo))
  actions.append(dismiss)
  toast.append(icon(ICONS[tone] ?? 'info'), words, actions)
  return toast
}

function createUndo(toast: HTMLElement, undo: () => void): HTMLElement {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'btn btn-quiet btn-small'
  button.textContent = 'Undo'
  button.addEventListener('click', () => {
    toast.remove()
    undo()
  })
  return button
}
