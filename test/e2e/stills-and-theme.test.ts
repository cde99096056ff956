import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Locator } from 'playwright-core'
import { visit } from '../support/browser.ts'
import { pictureSeen } from '../support/page-acts.ts'
import { startPictureFeed } from '../support/picture-feed.ts'
import { active } from '../support/stage.ts'
import { eventually } from '../support/waiting.ts'
import { startWeir, type Weir } from '../support/weir.ts'

let weir: Weir
beforeAll(async () => {
  weir = await startWeir()
})
afterAll(() => weir[Symbol.asyncDispose]())

const styleOf = (locator: Locator, name: string) =>
  locator.evaluate((element: object, property: string) => {
    const { getComputedStyle } = globalThis as unknown as { getComputedStyle(of: object): Record<string, string> }
    return getComputedStyle(element)[property]
  }, name)

test('the picture moves on the card and the page; when the feed is lost it is greyed and tells its age', async () => {
  const made = await weir.createInput({ name: 'Main stage', kind: 'udp', bind_address: '127.0.0.1' })
  await using feed = startPictureFeed(made.udp_port ?? 0)
  const input = await weir.inputIs(made.id, 'active', active)
  await using visitor = await visit(weir)
  const { page } = visitor
  await page.goto('/')
  const card = page.locator(`#input-${input.id} .still`)
  await pictureSeen(card.locator('img'))
  const first = await card.locator('img').getAttribute('src')
  await eventually(20_000, 'a newer picture', async () => (await card.locator('img').getAttribute('src')) !== first)
  const own = await visitor.newTab()
  await own.goto(`/inputs/${input.id}`)
  const still = own.locator(`#input-${input.id}-still`)
  await pictureSeen(still.locator('img'))
  expect(await styleOf(still.locator('img'), 'filter')).toBe('none')

  await feed.stop()
  for (const lost of [card, still]) {
    await lost.and(lost.page().locator('.is-stale')).waitFor()
    await lost
      .locator('.still-word')
      .getByText(/packets|feed/i)
      .waitFor()
    await lost
      .locator('.still-age')
      .getByText(/\d s ago/)
      .waitFor()
    await pictureSeen(lost.locator('img'))
    expect(await styleOf(lost.locator('img'), 'filter')).toContain('grayscale')
  }
})

test('the theme that somebody chose is there from the first paint of the next page', async () => {
  await using visitor = await visit(weir)
  const { page } = visitor
  await page.goto('/')
  const root = page.locator('html')
  const day = await styleOf(root, 'backgroundColor')
  const button = page.getByRole('button', { name: /theme/i })
  await button.click()
  await page.locator('html[data-theme="light"]').waitFor()
  await button.click()
  await page.locator('html[data-theme="dark"]').waitFor()
  const night = await styleOf(root, 'backgroundColor')
  expect(night).not.toBe(day)
  await page.goto('/system')
  await page.locator('html[data-theme="dark"]').waitFor()
  expect(await styleOf(root, 'backgroundColor')).toBe(night)
  await button.click()
  await page.reload()
  await page.locator('html:not([data-theme])').waitFor()
})
