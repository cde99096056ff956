import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { upToDate } from './page-acts.ts'
import { eventually } from './waiting.ts'
import { TEST_KEY, type Weir } from './weir.ts'

export type Image = { id: string; title: string; visibility: string; view_count: number; tags: string[]; alt: string }

let colour = 0
/** No two alike, for a picture is stored once. */
export function jpeg(): Promise<Buffer> {
  colour += 23
  const background = { r: colour % 256, g: (colour * 7) % 256, b: Math.floor(colour / 256) }
  return sharp({ create: { width: 960, height: 640, channels: 3, background } })
    .jpeg()
    .toBuffer()
}

export type GalleryActs = ReturnType<typeof createGalleryActs>

/** Streams and pictures of a server, made by its key. */
export function createGalleryActs(weir: Weir) {
  let made = 0
  return {
    /** A stream of its own for each test. */
    async makeStream(more: Record<string, unknown> = {}): Promise<string> {
      const key = `show-${++made}`
      await weir.ok('POST', '/api/streams', { key, title: `Show ${made}`, visibility: 'public', ...more })
      return key
    },
    async upload(key: string, title: string, visibility = 'public'): Promise<Image> {
      const answer = await fetch(
        `${weir.url}/api/streams/${key}/images?${new URLSearchParams({ title, visibility })}`,
        {
          method: 'POST',
          headers: { authorization: `Bearer ${TEST_KEY}`, 'content-type': 'image/jpeg' },
          body: await jpeg(),
        },
      )
      if (answer.status !== 201) throw new Error(`the upload answered ${answer.status}: ${await answer.text()}`)
      return (await answer.json()) as Image
    },
    image: (id: string) => weir.ok<Image>('GET', `/api/images/${id}`),
  }
}

export const gallery = (key: string) => `/streams/${key}/gallery`
export const asFile = async (name: string) => ({ name, mimeType: 'image/jpeg', buffer: await jpeg() })
export const titles = (page: Page) => page.locator('.picture-title').allTextContents()
export const hasTitles = (page: Page, ...wanted: string[]) =>
  eventually(20_000, `titles ${wanted}`, async () => (await titles(page)).join() === wanted.join())
export const hasTitlesInAnyOrder = (page: Page, ...wanted: string[]) =>
  eventually(20_000, `titles ${wanted}`, async () => (await titles(page)).sort().join() === wanted.join())
export const card = (page: Page, name: string) =>
  page.locator('.picture', { has: page.getByRole('heading', { name, exact: true }) })
export const tick = (page: Page, title: string) => page.getByLabel(`Select ${title}`)
export const shownPicture = (page: Page) => page.locator('#picture-title')

export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path)
  await upToDate(page)
}
