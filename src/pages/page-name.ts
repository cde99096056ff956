import { invalidField } from '../errors.ts'

/** Which page listens: the wall, one input, the pictures of a stream, the system, or one (a form) of which only the frame is live. */
export type PageName = 'dashboard' | 'system' | 'frame' | `input:${number}` | `gallery:${number}`

/** @throws AppError 422 at `page` */
export function parsePageName(text: string): PageName {
  if (text === 'dashboard' || text === 'system' || text === 'frame') return text
  const [, kind, id] = /^(input|gallery):([1-9]\d{0,14})$/.exec(text) ?? []
  if (kind && id) return `${kind as 'input' | 'gallery'}:${Number(id)}`
  throw invalidField('page', 'One of dashboard, system, frame, input:ID and gallery:ID.')
}

/** The input that a page is about. */
export function inputIdOf(page: PageName): number | null {
  return page.startsWith('input:') ? Number(page.slice('input:'.length)) : null
}

/** The stream whose pictures a page shows. */
export function galleryIdOf(page: PageName): number | null {
  return page.startsWith('gallery:') ? Number(page.slice('gallery:'.length)) : null
}

/** Where the stream of a page is. */
export function eventsUrl(page: PageName): string {
  return `/events?page=${page}`
}
