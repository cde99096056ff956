import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { visit } from '../support/browser.ts'
import {
  createGalleryActs,
  jpeg,
  gallery,
  asFile,
  titles,
  hasTitles,
  hasTitlesInAnyOrder,
  open,
  type GalleryActs,
  type Image,
} from '../support/galleries.ts'
import { eventually } from '../support/waiting.ts'
import { startWeir, type Weir } from '../support/weir.ts'

let weir: Weir
let acts: GalleryActs
beforeAll(async () => {
  weir = await startWeir()
  acts = createGalleryActs(weir)
})
afterAll(() => weir[Symbol.asyncDispose]())

describe('uploading', () => {
  test('several files at once, each with its progress; a refused one says why and loses none of the others', async () => {
    const key = await acts.makeStream({ default_visibility: 'subscribers' })
    await using visitor = await visit(weir)
    visitor.expectTrouble(/415/)
    const { page } = visitor
    await open(page, gallery(key))
    expect(await page.getByRole('heading', { name: 'No pictures yet' }).isVisible()).toBe(true)
    const files = await Promise.all(['one.jpg', 'two.jpg', 'three.jpg', 'four.jpg'].map(asFile))
    const drawing = {
      name: 'drawing.svg',
      mimeType: 'image/svg+xml',
      buffer: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
    }
    await page.locator('#upload').setInputFiles([files[0]!, drawing, ...files.slice(1)])
    await page.locator('#uploads > li[data-tone="ok"]').nth(3).waitFor()
    const refused = page.locator('#uploads > li[data-tone="bad"]')
    await refused.waitFor()
    expect(await refused.textContent()).toContain('drawing.svg')
    expect(await refused.locator('.what').textContent()).toMatch(/Not taken: .*SVG/)
    expect(await page.locator('#uploads-note').textContent()).toBe('4 done, 1 refused')
    await eventually(20_000, 'four pictures', async () => (await titles(page)).length === 4)
    const { items } = await weir.ok<{ items: Image[] }>('GET', `/api/streams/${key}/images`)
    expect(items.map(({ visibility }) => visibility)).toEqual(Array(4).fill('subscribers'))
    await page.getByLabel('Remove drawing.svg from the list').click()
    expect(await page.locator('#uploads > li').count()).toBe(4)
  })

  test('at most three at a time; what waits can be taken back, and what runs too', async () => {
    const key = await acts.makeStream()
    await using visitor = await visit(weir)
    const { page } = visitor
    await open(page, gallery(key))
    const held: (() => void)[] = []
    await page.route('**/api/streams/*/images?*', async (route) => {
      await new Promise<void>((resolve) => held.push(resolve))
      await route.continue().catch(() => undefined)
    })
    const names = ['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg', 'e.jpg']
    await page.locator('#upload').setInputFiles(await Promise.all(names.map(asFile)))
    await eventually(20_000, 'three have begun', () => held.length === 3)
    expect(await page.locator('#uploads > li[data-tone="busy"]').count()).toBe(3)
    expect(await page.locator('#uploads > li', { hasText: 'Waits' }).count()).toBe(2)
    await page.getByLabel('Cancel e.jpg').click()
    await page.getByLabel('Cancel a.jpg').click()
    await eventually(20_000, 'the next has begun', () => held.length === 4)
    for (const go of held) go()
    await page.locator('#uploads > li[data-tone="ok"]').nth(2).waitFor()
    await hasTitlesInAnyOrder(page, 'b.jpg', 'c.jpg', 'd.jpg')
  })

  test('a lost connection says so, and trying again helps', async () => {
    const key = await acts.makeStream()
    await using visitor = await visit(weir)
    visitor.expectTrouble(/ERR_CONNECTION|ERR_FAILED/)
    const { page } = visitor
    await open(page, gallery(key))
    await page.route('**/api/streams/*/images?*', (route) => route.abort('connectionreset'), { times: 1 })
    await page.locator('#upload').setInputFiles(await asFile('again.jpg'))
    const line = page.locator('#uploads > li')
    await line.and(page.locator('[data-tone="bad"]')).waitFor()
    expect(await line.locator('.what').textContent()).toBe('Not taken: The connection was lost.')
    await page.getByLabel('Try again.jpg again').click()
    await hasTitles(page, 'again.jpg')
  })

  test('files dropped anywhere and pictures pasted are taken; the same one twice is stored once', async () => {
    const key = await acts.makeStream()
    await using visitor = await visit(weir)
    const { page } = visitor
    await open(page, gallery(key))
    const bytes = [...(await jpeg())]
    const give = (type: 'drop' | 'paste') =>
      page.evaluate(
        ([bytes, type]) => {
          const doc = (globalThis as unknown as { document: { body: EventTarget } }).document
          const data = new (
            globalThis as unknown as { DataTransfer: new () => { items: { add(file: File): void } } }
          ).DataTransfer()
          data.items.add(new File([new Uint8Array(bytes as number[])], `${type}.jpg`, { type: 'image/jpeg' }))
          const init = { bubbles: true, cancelable: true, dataTransfer: data, clipboardData: data }
          const kinds = globalThis as unknown as Record<string, new (type: string, init: object) => Event>
          const Kind = type === 'drop' ? kinds['DragEvent'] : kinds['ClipboardEvent']
          if (Kind) doc.body.dispatchEvent(new Kind(type as string, init))
        },
        [bytes, type] as const,
      )
    await give('drop')
    await hasTitles(page, 'drop.jpg')
    await give('paste')
    await page.getByText('Already here, nothing stored twice').waitFor()
    await hasTitles(page, 'drop.jpg')
  })

  test('without JavaScript a plain form takes files and comes back', async () => {
    const key = await acts.makeStream()
    await using visitor = await visit(weir, { script: false })
    const { page } = visitor
    await page.goto(gallery(key))
    await page.locator('#upload').setInputFiles(await Promise.all(['plain.jpg', 'plain-2.jpg'].map(asFile)))
    await page.locator('#upload-form').getByRole('radio', { name: 'Subscribers' }).check()
    await page.getByRole('button', { name: 'Upload', exact: true }).click()
    await page.waitForURL(`**/streams/${key}`)
    expect((await titles(page)).sort()).toEqual(['plain-2.jpg', 'plain.jpg'])
  })
})
