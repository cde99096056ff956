import { invalidField } from '../errors.ts'

/** Which page listens: the wall, one input, the system, or one (a form) of which only the frame is live. */
export type PageName = 'dashboard' | 'system' | 'frame' | `input:${number}`

/** @throws AppError 422 at `page` */
export function parsePageName(text: string): PageName {
  if (text === 'dashboard' || text === 'system' || text === 'frame') return text
  const [, id] = /^input:([1-9]\d{0,14})$/.exec(text) ?? []
  if (id) return `input:${Number(id)}`
  throw invalidField('page', 'One of dashboard, system, frame and input:ID.')
}

/** The input that a page is about. */
export function inputIdOf(page: PageName): number | null {
  return page.startsWith('input:') ? Number(page.slice('input:'.length)) : null
}

/** Where the stream of a page is. */
export function eventsUrl(page: PageName): string {
  return `/events?page=${page}`
}
