import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { visit } from '../support/browser.ts'
import {
  createGalleryActs,
  gallery,
  hasTitles,
  card,
  shownPicture,
  open,
  tick,
  type GalleryActs,
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

describe('the lightbox', () => {
  test('keys turn, enlarge and close; focus stays inside and returns; each look is counted', async () => {
    const key = await acts.makeStream()
    const a = await acts.upload(key, 'A')
    await acts.upload(key, 'B')
    await acts.upload(key, 'C')
    await using visitor = await visit(weir)
    const { page } = visitor
    await open(page, gallery(key))
    const link = card(page, 'B').locator('a')
    await link.focus()
    await page.keyboard.press('Enter')
    const title = shownPicture(page)
    await title.waitFor()
    const marked = page.locator('.filmstrip a[aria-current]')
    const shows = (wanted: string) =>
      eventually(20_000, wanted, async () => {
        const inStrip = await marked.locator('img').evaluateAll((all) => all.map((it) => it.getAttribute('alt')))
        return (await title.textContent()) === wanted && inStrip.join() === wanted
      })
    await shows('B')
    for (const [pressed, wanted] of [
      ['ArrowRight', 'A'],
      ['ArrowLeft', 'B'],
      ['Home', 'C'],
      ['End', 'A'],
    ] as const) {
      await page.keyboard.press(pressed)
      await shows(wanted)
    }
    await page.keyboard.press('ArrowRight')
    await shows('A')
    await page.keyboard.press('+')
    expect(await page.locator('.lightbox-figure.is-large').count()).toBe(1)
    await page.keyboard.press('-')
    expect(await page.locator('.lightbox-figure.is-large').count()).toBe(0)
    for (let i = 0; i < 40; i++) {
      await page.keyboard.press('Tab')
      const isInside = await page.evaluate(() => {
        const { activeElement, body } = (
          globalThis as unknown as {
            document: { activeElement: { closest(s: string): unknown } | null; body: unknown }
          }
        ).document
        return activeElement === body || activeElement?.closest('dialog.lightbox') != null
      })
      expect(isInside).toBe(true)
    }
    await page.keyboard.press('Escape')
    await page.locator('dialog.lightbox').waitFor({ state: 'detached' })
    expect(await link.evaluate((it) => it.matches(':focus'))).toBe(true)
    await eventually(20_000, 'two looks at A', async () => (await acts.image(a.id)).view_count === 2)
  })

  test('what is said about a picture is changed in place, and what was refused stays typed', async () => {
    const key = await acts.makeStream()
    const { id } = await acts.upload(key, 'Before')
    await acts.upload(key, 'Other')
    await using visitor = await visit(weir)
    visitor.expectTrouble(/422/)
    const { page } = visitor
    await open(page, gallery(key))
    await card(page, 'Before').locator('a').click()
    const form = page.locator('form[data-edit]')
    await form.getByLabel('Title').fill('After')
    await form.getByLabel('Alt text').fill('A church')
    await form.getByLabel('Tags').fill('x'.repeat(60))
    await form.getByRole('button', { name: 'Save' }).click()
    await form.getByText('At most 50 characters.').waitFor()
    await form.getByLabel('Tags').fill('night, choir')
    await form.getByRole('radio', { name: 'Private' }).check()
    await form.getByRole('button', { name: 'Save' }).click()
    await form.getByText('Saved').waitFor()
    expect(await acts.image(id)).toMatchObject({
      title: 'After',
      alt: 'A church',
      tags: ['night', 'choir'],
      visibility: 'private',
    })
    await page.getByRole('button', { name: 'Make it the cover' }).click()
    await page.getByText('It is the cover now, for those alone who may see it.').waitFor()
    const { cover_image_id } = await weir.ok<{ cover_image_id: string | null }>('GET', `/api/streams/${key}`)
    expect(cover_image_id).toBe(id)
    await page.getByRole('button', { name: 'Link for a time' }).click()
    const link = page.locator('[data-signed-link-place] code')
    await link.waitFor()
    expect((await fetch((await link.textContent()) ?? '')).status).toBe(200)
    // What was typed for one is not there for the next.
    await form.getByLabel('Title').fill('Never saved')
    await page.getByRole('link', { name: 'Previous picture' }).click()
    await eventually(20_000, 'the other', async () => (await shownPicture(page).textContent()) === 'Other')
    expect(await form.getByLabel('Title').inputValue()).toBe('Other')
    await page.getByRole('button', { name: 'Make it the cover' }).waitFor()
    await page.getByRole('link', { name: 'Next picture' }).click()
    await page.getByText('Cover of the stream', { exact: true }).waitFor()
    await page.getByRole('link', { name: 'Previous picture' }).click()
    await eventually(20_000, 'the other again', async () => (await shownPicture(page).textContent()) === 'Other')
    await page.locator('#picture-title').focus()
    await page.keyboard.press('Delete')
    await eventually(20_000, 'the next', async () => (await shownPicture(page).textContent()) === 'After')
    await page.keyboard.press('Escape')
    await hasTitles(page, 'After')
  })

  test('what goes to the trash makes way for the next, and the last for the one before it', async () => {
    const key = await acts.makeStream()
    for (const title of ['A', 'B', 'C']) await acts.upload(key, title)
    await using visitor = await visit(weir)
    const { page } = visitor
    await open(page, gallery(key))
    await card(page, 'B').locator('a').click()
    await shownPicture(page).waitFor()
    for (const next of ['A', 'C']) {
      await page.locator('#picture-title').focus()
      await page.keyboard.press('Delete')
      await eventually(20_000, next, async () => (await shownPicture(page).textContent()) === next)
    }
    // What brings it back stands in one line with what it is about.
    const toast = page.locator('.toast', { hasText: 'in the trash' }).last()
    await toast.getByRole('button', { name: 'Dismiss' }).waitFor()
    const edges = await toast.evaluate((it) =>
      ['p', '.btn', '.btn:last-of-type'].map((each) => {
        const box = it.querySelector(each)?.getBoundingClientRect()
        return Math.round(((box?.top ?? 0) + (box?.bottom ?? 0)) / 2)
      }),
    )
    expect(Math.max(...edges) - Math.min(...edges)).toBeLessThan(4)
  })

  test('a finger turns the page', async () => {
    const key = await acts.makeStream()
    await acts.upload(key, 'A')
    await acts.upload(key, 'B')
    await using visitor = await visit(weir, { size: 'phone' })
    const { page } = visitor
    await open(page, gallery(key))
    await card(page, 'B').locator('a').click()
    await shownPicture(page).waitFor()
    const swipe = (from: number, to: number) =>
      page.locator('.lightbox-stage').evaluate(
        (stage, [from, to]) => {
          const TouchOf = (globalThis as unknown as { Touch: new (init: object) => object }).Touch
          const EventOf = (globalThis as unknown as { TouchEvent: new (type: string, init: object) => Event })
            .TouchEvent
          const at = (clientX: number | undefined) => [
            new TouchOf({ identifier: 1, target: stage, clientX, clientY: 300 }),
          ]
          const target = stage as unknown as EventTarget
          target.dispatchEvent(
            new EventOf('touchstart', { bubbles: true, touches: at(from), changedTouches: at(from) }),
          )
          target.dispatchEvent(new EventOf('touchend', { bubbles: true, touches: [], changedTouches: at(to) }))
        },
        [from, to],
      )
    await swipe(300, 60)
    await eventually(20_000, 'A', async () => (await shownPicture(page).textContent()) === 'A')
    await swipe(60, 300)
    await eventually(20_000, 'B', async () => (await shownPicture(page).textContent()) === 'B')
    // Back in the list, what is said leaves the buttons below it free.
    await page.getByRole('button', { name: 'Close' }).click()
    await tick(page, 'A').check()
    await page.locator('#bulk-visibility summary').click()
    await page.locator('#bulk-visibility [data-value="private"]').click()
    await page.locator('.toast').waitFor()
    await tick(page, 'B').check()
    await eventually(5_000, 'the message is above the bar', async () => {
      const toast = await page.locator('.toast').boundingBox()
      const bar = await page.locator('#bulkbar').boundingBox()
      return toast !== null && bar !== null && toast.y + toast.height <= bar.y
    })
  })
})
