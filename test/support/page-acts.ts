import type { Locator, Page } from 'playwright-core'
import type { Input, Output } from './resources.ts'
import { eventually } from './waiting.ts'

/** An input on its page, and an output's line there, when they are in the given state. */
export const feedIn = (page: Page, input: Pick<Input, 'id'>, state: Input['status']) =>
  page.locator(`#input-${input.id}-state[data-state="${state}"]`)
export const lineIn = (page: Page, output: Pick<Output, 'id'>, state: Output['status']) =>
  page.locator(`#output-${output.id}[data-state="${state}"]`)

/** Resolves when the page says that it is up to date. */
export const upToDate = (page: Page) => page.locator('#link[data-tone="ok"]').waitFor({ state: 'attached' })

/** Resolves when the picture has come and is a picture. */
export async function pictureSeen(image: Locator): Promise<void> {
  await image.waitFor()
  await eventually(20_000, 'the picture is loaded', () =>
    image.evaluate(
      (element: { complete: boolean; naturalWidth: number }) => element.complete && element.naturalWidth > 0,
    ),
  )
}

/** Opens the menu of an output's line and answers its list. */
export async function openMenu(owner: Locator, label: string): Promise<Locator> {
  await owner.getByTitle(label).click()
  const list = owner.locator('.menu-list')
  await list.waitFor()
  return list
}

/** How far the page is wider than its window, in pixels; 0 where nothing scrolls sideways. */
export const overflowPx = (page: Page) =>
  page
    .locator('html')
    .evaluate((root: { scrollWidth: number; clientWidth: number }) => root.scrollWidth - root.clientWidth)
