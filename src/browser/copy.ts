import { on, showIcon } from './dom.ts'

const SAID_MS = 1600

/** Copies what stands beside the button, or every line that a list shows. */
export function startCopy(): void {
  on('click', '[data-do="copy"]', (button) => copy(button, button.closest('.copy')?.querySelector('code')?.textContent))
  on('click', '[data-do="copy-all"]', (button) => {
    const lines = document.querySelectorAll<HTMLElement>(`#${CSS.escape(button.dataset['from'] ?? '')} > li`)
    const shown = [...lines].filter((line) => line.offsetParent !== null)
    const text = shown.map((line) => [...line.children].map((part) => part.textContent).join(' ')).join('\n')
    copy(button, text)
  })
}

function copy(button: HTMLElement, text: string | null | undefined): void {
  if (!text) return
  write(text).then(
    () => say(button, 'check', 'Copied'),
    () => say(button, 'close', 'Not copied: select it and press Ctrl C'),
  )
}

/** Without TLS browsers have no clipboard but the old command, except on this very machine. */
async function write(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text)
  const field = document.createElement('textarea')
  field.value = text
  field.className = 'sr-only'
  ;(document.querySelector('dialog:modal') ?? document.body).append(field)
  field.select()
  const isDone = document.execCommand('copy')
  field.remove()
  if (!isDone) throw new Error('the browser did not copy')
}

/** A second press while the answer stands changes nothing. */
function say(button: HTMLElement, iconName: string, words: string): void {
  if (button.dataset['said'] !== undefined) return
  const word = button.querySelector('.sr-only') ?? button.lastChild
  const before = word?.textContent ?? ''
  const title = button.title
  button.dataset['said'] = ''
  showIcon(button, iconName)
  if (word) word.textContent = words
  if (title) button.title = words
  setTimeout(() => {
    delete button.dataset['said']
    showIcon(button, 'copy')
    if (word) word.textContent = before
    if (title) button.title = title
  }, SAID_MS)
}
