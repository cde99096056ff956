import { htmx } from './htmx.ts'

type Problem = { detail?: string; errors?: { path: string; message: string }[] }

/** What the server did not do, in its words. */
export class Refused extends Error {}

/** Asks the API. @throws Refused with words for people */
export async function ask(method: string, url: string, body?: unknown): Promise<unknown> {
  const json = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
  const answer = await fetch(url, { method, ...json }).catch(() => {
    throw new Refused('Weir could not be reached. Nothing was changed; try again.')
  })
  const text = await answer.text()
  if (!answer.ok) throw new Refused(toWords(text, answer.status))
  return text === '' ? null : JSON.parse(text)
}

/** The words of a problem (RFC 9457); a proxy's page has none. */
export function toWords(text: string, status: number): string {
  try {
    const { detail, errors } = JSON.parse(text) as Problem
    return errors?.map(({ message }) => message).join(' ') || detail || `The server answered ${status}.`
  } catch {
    return `The server answered ${status}. Try again in a moment.`
  }
}

/** Does it and says so; what was refused is said too. False where it was. */
export async function attempt(act: () => Promise<void>): Promise<boolean> {
  try {
    await act()
    return true
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    say(error.message, 'bad')
    return false
  }
}

/** A short message, with a way back where there is one. */
export function say(text: string, tone: 'ok' | 'warn' | 'bad', undo?: () => void): void {
  document.dispatchEvent(new CustomEvent('toast', { detail: { text, tone, ...(undo ? { undo } : {}) } }))
}

/** The list asks for itself, as its reader may see it now. A choice on its way is let through first: the list is by its address. */
export function refreshPictures(): void {
  const list = document.getElementById('pictures')
  const filters = list?.querySelector('#picture-filters.htmx-request')
  if (filters) filters.addEventListener('htmx:finally:request', () => setTimeout(refreshPictures), { once: true })
  else if (list) htmx.trigger(list, 'pictures-changed')
}

/** `1 picture is`, `3 pictures are`. */
export function picturesAre(count: number): string {
  return count === 1 ? '1 picture is' : `${count} pictures are`
}
