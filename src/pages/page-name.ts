import { invalidField } from '../errors.ts'

/**
 * Which page listens: the wall, one input, a stream with its pictures or these alone (by its key), the system, or one (a form)
 * of which only the frame is live.
 */
export type PageName = 'dashboard' | 'system' | 'frame' | `input:${number}` | `stream:${string}` | `gallery:${string}`

/** @throws AppError 422 at `page` */
export function parsePageName(text: string): PageName {
  if (text === 'dashboard' || text === 'system' || text === 'frame') return text
  const [, id] = /^input:([1-9]\d{0,14})$/.exec(text) ?? []
  if (id) return `input:${Number(id)}`
  const [, kind, key] = /^(stream|gallery):([a-z0-9-]{1,64})$/.exec(text) ?? []
  if (kind && key) return `${kind as 'stream' | 'gallery'}:${key}`
  throw invalidField('page', 'One of dashboard, system, frame, input:ID, stream:KEY and gallery:KEY.')
}

/** The input that a page is about. */
export function inputIdOf(page: PageName): number | null {
  return page.startsWith('input:') ? Number(page.slice('input:'.length)) : null
}

/** The key of the stream whose pictures a page shows: strangers have such pages too. */
export function streamKeyOf(page: PageName): string | null {
  return page.startsWith('gallery:') || page.startsWith('stream:') ? page.slice(page.indexOf(':') + 1) : null
}

/** Where the event stream of a page is. A page for those who are signed in says so: without a login it is another. */
export function eventsUrl(page: PageName, isInside: boolean): string {
  return `/events?page=${page}${isInside && streamKeyOf(page) !== null ? '&inside=true' : ''}`
}
