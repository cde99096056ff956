import { renderBody, renderFrame, toPartial } from './page-body.tsx'
import { inputIdOf, type PageName, streamKeyOf } from './page-name.ts'
import { inputParts, systemParts } from './page-parts.tsx'
import type { PageReader } from './page-reader.ts'
import { toGalleryNews, toStreamNews } from './stream-parts.tsx'

/** Everything on a page that may change, as one message. The page of an input that is gone says so. Strangers have no frame. */
export async function renderSnapshot(page: PageName, read: PageReader, hasFrame: boolean): Promise<string> {
  const frame = hasFrame ? await renderFrame(read) : ''
  if (page === 'frame') return frame
  if (page === 'system') return frame + (await Promise.all(systemParts.map((part) => part.render(read)))).join('')
  // What came between the page and its stream would else be missed.
  const key = streamKeyOf(page)
  if (key !== null) return frame + toGalleryNews(0) + (page.startsWith('stream:') ? toStreamNews(key, 0) : '')
  const body = await renderBody(page, read)
  if (body !== null) return frame + toPartial('live', body)
  const inputId = inputIdOf(page)
  return frame + ((inputId !== null && (await inputParts(inputId).gone.render(read))) || '')
}
