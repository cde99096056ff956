import { renderBody, renderFrame, toPartial } from './page-body.tsx'
import type { PageName } from './page-name.ts'
import { systemParts } from './page-parts.tsx'
import type { PageReader } from './page-reader.ts'

/** Everything on a page that may change, as one message. Of an input that is gone, the frame alone. */
export async function renderSnapshot(page: PageName, read: PageReader): Promise<string> {
  const frame = await renderFrame(read)
  if (page === 'frame') return frame
  if (page === 'system') return frame + (await Promise.all(systemParts.map((part) => part.render(read)))).join('')
  const body = await renderBody(page, read)
  return body === null ? frame : frame + toPartial('live', body)
}
