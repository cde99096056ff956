import { on, whenAdded } from './dom.ts'
import { ask, attempt, picturesAre, Refused, refreshPictures, say } from './picture-api.ts'

export type BulkAct = {
  action: 'delete' | 'restore' | 'purge' | 'visibility' | 'move' | 'tag'
  visibility?: string
  stream_key?: string
  tags_add?: string[]
  tags_remove?: string[]
}

type Results = { results: { id: string; status: number; error?: { message: string } }[] }

type SignedLink = { url: string; expires_at: string }

/** As many as one request takes. */
const MOST_IDS = 200
const NEWS_MS = 150

/** What is done with pictures where they stand: who may see one, to the trash and back, the cover. */
export function startPictureActs(): void {
  on('change', '[data-picture-visibility]', (choice) => {
    if (!(choice instanceof HTMLSelectElement)) return
    const before = [...choice.options].find(({ defaultSelected }) => defaultSelected)?.value
    const { value } = choice
    void attempt(async () => {
      await ask('PATCH', `/api/images/${choice.dataset['pictureVisibility']}`, { visibility: value })
      refreshPictures()
    }).then((isDone) => {
      if (!isDone && before !== undefined) choice.value = before
    })
  })
  // The event stream says that something is otherwise; several changes at once are one question.
  let timer = 0
  whenAdded('[data-pictures-changed]', () => {
    clearTimeout(timer)
    timer = setTimeout(refreshPictures, NEWS_MS)
  })
  on('click', '[data-restore]', (button) => void doToAll([button.dataset['restore'] ?? ''], { action: 'restore' }))
  on('click', '[data-purge-all]', (button) => {
    const ids = [...document.querySelectorAll<HTMLElement>('#pictures [data-image]')].map(
      ({ dataset }) => dataset['image'] ?? '',
    )
    button.closest('dialog')?.close()
    void doToAll(ids, { action: 'purge' })
  })
  on('click', '[data-trash]', (button) => void trashShown(button.dataset['trash'] ?? ''))
  on('click', '[data-signed-link]', (button) => {
    const place = button.closest('.lightbox-info')?.querySelector<HTMLElement>('[data-signed-link-place]')
    void attempt(() => showSignedLink(button.dataset['signedLink'] ?? '', place ?? null))
  })
  on('click', '[data-cover]', (button) => {
    const id = button.closest<HTMLElement>('[data-picture]')?.dataset['picture']
    void attempt(async () => {
      await ask('PATCH', `/api/streams/${button.dataset['cover']}`, { cover_image_id: id })
      const isForAll = button.dataset['seenBy'] === 'public'
      if (isForAll) say('It is the cover of the stream now', 'ok')
      else say('It is the cover now, for those alone who may see it. Make it public to show it to all.', 'warn')
    })
  })
}

/** A link that works without a login, until when it says. */
async function showSignedLink(id: string, place: HTMLElement | null): Promise<void> {
  const { url, expires_at } = (await ask('GET', `/api/images/${id}/signed-url`)) as SignedLink
  const [code, note] = [place?.querySelector('code'), place?.querySelector('.note')]
  if (!place || !code || !note) return
  code.textContent = url
  note.textContent = `Works without a login until ${new Date(expires_at).toLocaleString('en-GB')}.`
  place.hidden = false
}

/** Of the lightbox: the next picture takes its place, or the gallery behind it is there again. */
export async function trashShown(id: string): Promise<void> {
  if (!(await doToAll([id], { action: 'delete' }))) return
  const parts = document.getElementById('lightbox-parts')
  const find = (selector: string) => parts?.querySelector<HTMLElement>(selector)
  const next = find('[data-key="ArrowRight"]') ?? find('[data-key="ArrowLeft"]')
  ;(next ?? find('.lightbox-bar :is(a, button)'))?.click()
}

/** Does the same to each of them and says what became of it. False where it was refused altogether. */
export function doToAll(ids: readonly string[], act: BulkAct): Promise<boolean> {
  return attempt(async () => {
    const results: Results['results'] = []
    for (let i = 0; i < ids.length; i += MOST_IDS) {
      const answer = (await ask('POST', '/api/images/bulk', { ids: ids.slice(i, i + MOST_IDS), ...act })) as Results
      results.push(...answer.results)
    }
    refreshPictures()
    const failed = results.filter(({ error }) => error !== undefined)
    const done = results.filter(({ error }) => error === undefined).map(({ id }) => id)
    const why = failed[0]?.error?.message ?? ''
    if (done.length === 0) throw new Refused(why || 'Nothing was changed.')
    if (failed.length > 0) say(`${failed.length} of ${results.length} were left as they were: ${why}`, 'warn')
    sayDone(done, act)
  })
}

function sayDone(ids: readonly string[], act: BulkAct): void {
  const are = picturesAre(ids.length)
  switch (act.action) {
    case 'delete':
      return say(`${are} in the trash`, 'ok', () => void doToAll(ids, { action: 'restore' }))
    case 'restore':
      return say(`${are} back in the gallery`, 'ok')
    case 'purge':
      return say(`${are} deleted for ever`, 'ok')
    case 'visibility':
      return say(`${are} ${act.visibility === 'subscribers' ? 'for subscribers' : act.visibility} now`, 'ok')
    case 'move':
      return say(`${are} in the other stream now`, 'ok')
    case 'tag':
      return say(act.tags_add ? `${are} tagged` : `The tag was taken from ${ids.length}`, 'ok')
  }
}
