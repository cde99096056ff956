import { renderBody, renderFrame, toPartial } from './page-body.tsx'
import { galleryIdOf, inputIdOf, type PageName } from './page-name.ts'
import { galleryNews, inputParts, systemParts } from './page-parts.tsx'
import type { PageReader } from './page-reader.ts'

/** Everything on a page that may change, as one message. The page of an input that is gone says so. */
export async function renderSnapshot(page: PageName, read: PageReader): Promise<string> {
  const frame = await renderFrame(read)
  if (page === 'frame') return frame
  if (page === 'system') return frame + (await Promise.all(systemParts.map((part) => part.render(read)))).join('')
  // What came between the page and its stream would else be missed.
  const galleryId = galleryIdOf(page)
  if (galleryId !== null) return frame + ((await galleryNews(galleryId, '', 0).render(read)) ?? '')
  const body = await renderBody(page, read)
  if (body !== null) return frame + toPartial('live', body)
  const inputId = inputIdOf(page)
  return frame + ((inputId !== null && (await inputParts(inputId).gone.render(read))) || '')
}
