import { on, whenAdded } from './dom.ts'
import { ask, Refused, refreshPictures } from './picture-api.ts'
import { trashShown } from './picture-acts.ts'
import { toTags } from './picture-select.ts'

/** A finger that moves less did not mean to turn. */
const SWIPE_PX = 50

/** One picture at a time: keys, swipes, a closer look, and what is said about it. */
export function startLightbox(): void {
  let seen: string | null = null
  const parts = () => document.getElementById('lightbox-parts')

  const press = (key: string) => parts()?.querySelector<HTMLElement>(`[data-key="${key}"]`)?.click()

  /** Each picture that is shown counts as one look; closing and opening it again is another. */
  function look(): void {
    const id = parts()?.dataset['picture'] ?? null
    if (id === seen) return
    seen = id
    markInStrip(id)
    // A look that is not counted is nothing that its viewer could mend.
    if (id !== null) void ask('POST', `/api/images/${id}/view`).catch(() => undefined)
  }

  const toggleLarge = (isLarge?: boolean) =>
    parts()?.querySelector('.lightbox-figure')?.classList.toggle('is-large', isLarge)

  document.addEventListener('keydown', (event) => {
    const shown = parts()
    if (!shown || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.target instanceof Element && event.target.closest('input, textarea, select, [contenteditable]')) return
    if (/^(Arrow(Left|Right)|Home|End)$/.test(event.key)) press(event.key)
    else if (event.key === '+' || event.key === '=') toggleLarge(true)
    else if (event.key === '-') toggleLarge(false)
    else if (event.key === 'Delete' && shown.querySelector('[data-trash]'))
      void trashShown(shown.dataset['picture'] ?? '')
    else return
    event.preventDefault()
  })
  on('click', '.lightbox-figure', () => toggleLarge())
  startSwipes(press)
  on('submit', '[data-edit]', (form, event) => {
    event.preventDefault()
    if (form instanceof HTMLFormElement) void save(form)
  })
  whenAdded('#lightbox', (dialog) => {
    dialog.addEventListener('close', () => {
      seen = null
    })
    look()
  })
  document.addEventListener('htmx:after:swap', look)
  look()
}

/** A swap leaves alone where a list says one is; here it is the picture that is shown. */
function markInStrip(id: string | null): void {
  const strip = document.querySelector('.filmstrip')
  strip?.querySelector('[aria-current]')?.removeAttribute('aria-current')
  const link = document.getElementById(`strip-${id}`)
  if (!strip || !link) return
  link.setAttribute('aria-current', 'true')
  // The strip alone: the page stays where it is.
  const middleOf = (it: Element) => it.getBoundingClientRect().left + it.clientWidth / 2
  strip.scrollLeft += middleOf(link) - middleOf(strip)
}

/** To the left is on, to the right is back, as pages of a book turn. */
function startSwipes(press: (key: string) => void): void {
  let from: { x: number; y: number } | null = null
  on('touchstart', '.lightbox-stage', (stage, { touches }) => {
    const [finger] = touches
    const isLarge = stage.querySelector('.is-large') !== null
    from = touches.length === 1 && finger && !isLarge ? { x: finger.clientX, y: finger.clientY } : null
  })
  on('touchend', '.lightbox-stage', (_stage, { changedTouches }) => {
    const [finger] = changedTouches
    if (!from || !finger) return
    const [dx, dy] = [finger.clientX - from.x, finger.clientY - from.y]
    from = null
    if (Math.abs(dx) > SWIPE_PX && Math.abs(dx) > 2 * Math.abs(dy)) press(dx < 0 ? 'ArrowRight' : 'ArrowLeft')
  })
}

/** Sends what the form says; what was refused stands in the form, which stays as it was. */
async function save(form: HTMLFormElement): Promise<void> {
  const data = new FormData(form)
  const text = (name: string) => String(data.get(name) ?? '')
  const body = {
    title: text('title'),
    alt: text('alt'),
    description: text('description'),
    tags: toTags(text('tags')),
    visibility: text('visibility'),
  }
  const error = form.querySelector<HTMLElement>('[data-form-error]')
  const note = form.querySelector('[data-form-note]')
  const tell = (refusal: string, done: string) => {
    if (error) error.textContent = refusal
    if (error) error.hidden = refusal === ''
    if (note) note.textContent = done
  }
  tell('', '')
  try {
    await ask('PATCH', `/api/images/${form.dataset['edit']}`, body)
    tell('', 'Saved')
    const title = document.getElementById('picture-title')
    if (title && body.title !== '') title.textContent = body.title
    const cover = form.closest('.lightbox-info')?.querySelector<HTMLElement>('[data-cover]')
    if (cover) cover.dataset['seenBy'] = body.visibility
    refreshPictures()
  } catch (refusal) {
    if (!(refusal instanceof Refused)) throw refusal
    tell(refusal.message, '')
  }
}
