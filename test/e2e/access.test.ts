import { afterAll, beforeAll, describe, test } from 'bun:test'
import type { Page } from 'playwright-core'
import { expectGoodForAll } from '../support/axe.ts'
import { visit } from '../support/browser.ts'
import { openMenu, upToDate } from '../support/page-acts.ts'
import { openShowcase, type Showcase } from '../support/showcase.ts'
import { startWeir, type Weir } from '../support/weir.ts'

let weir: Weir
beforeAll(async () => {
  weir = await startWeir()
})
afterAll(() => weir[Symbol.asyncDispose]())

/** A page in a state; `open` brings it there. `within`: what lies behind is a scene of its own. */
type Scene = { path: string; signedIn?: boolean; within?: string; open?(page: Page): Promise<unknown> }

const sheet = (page: Page) => page.locator('dialog.sheet[open]').waitFor()
const SCENES: Record<string, Scene> = {
  wall: { path: '/' },
  'input without a feed': { path: '/inputs/4' },
  system: { path: '/system' },
  'sign-in': { path: '/login', signedIn: false },
  'not found': { path: '/nowhere' },
  'new input, refused': {
    path: '/',
    within: 'dialog[open]',
    async open(page) {
      await page.getByRole('link', { name: 'Add input' }).first().click()
      await sheet(page)
      await page.getByRole('dialog').getByRole('button', { name: 'Add input' }).click()
      await page.locator('[aria-invalid="true"]').first().waitFor()
    },
  },
  'new input on its own page': { path: '/inputs/new' },
  'new output, refused': {
    path: '/inputs/1',
    within: 'dialog[open]',
    async open(page) {
      await page.getByRole('link', { name: 'Add output' }).click()
      await sheet(page)
      await page.getByLabel('Server', { exact: true }).fill('https://example.org/watch')
      await page.getByText('Picture, sound and more').click()
      await page.getByText('When it fails').click()
      await page.getByRole('dialog').getByRole('button', { name: 'Add output' }).click()
      await page.locator('[aria-invalid="true"]').first().waitFor()
    },
  },
  'new output on its own page': { path: '/inputs/1/outputs/new?preset=srt' },
  'input, with a log and a menu': {
    path: '/inputs/1',
    async open(page) {
      await page.getByRole('button', { name: 'Log of Studio' }).click()
      await page.locator('.drawer:visible .log li').first().waitFor()
      await openMenu(page.locator('#output-1'), 'More for Website')
    },
  },
  'a question': {
    path: '/inputs/1',
    within: 'dialog[open]',
    async open(page) {
      await (await openMenu(page.locator('#output-1'), 'More for Website'))
        .getByRole('button', { name: 'Delete' })
        .click()
      await page.locator('dialog[open]').waitFor()
    },
  },
}

/** Up to date, where the page has a stream, and in the state that is meant. */
async function expectGood({ path, signedIn = true, within, open }: Scene): Promise<void> {
  await using visitor = await visit(weir, { signedIn })
  const { page } = visitor
  visitor.expectTrouble(/404|422/)
  await page.goto(path)
  if ((await page.locator('#link').count()) > 0) await upToDate(page)
  await open?.(page)
  await expectGoodForAll(page, path, within)
}

describe('axe finds nothing by day and by night, nothing scrolls sideways', () => {
  test('nothing yet', () => expectGood({ path: '/' }))

  describe('a house in use', () => {
    let showcase: Showcase
    beforeAll(async () => {
      showcase = await openShowcase(weir)
    })
    afterAll(() => showcase[Symbol.asyncDispose]())

    test.each(Object.entries(SCENES))('%s', (_name, scene) => expectGood(scene))
  })
})
