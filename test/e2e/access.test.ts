import { afterAll, beforeAll, expect, test } from 'bun:test'
import axe, { type AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { SIZES, visit } from '../support/browser.ts'
import { openMenu, overflowPx, upToDate } from '../support/page-acts.ts'
import { openShowcase, type Showcase } from '../support/showcase.ts'
import { startWeir, type Weir } from '../support/weir.ts'

let empty: Weir
let full: Weir
let showcase: Showcase
beforeAll(async () => {
  empty = await startWeir()
  full = await startWeir()
  showcase = await openShowcase(full)
})
afterAll(async () => {
  await showcase[Symbol.asyncDispose]()
  await full[Symbol.asyncDispose]()
  await empty[Symbol.asyncDispose]()
})

/** A page in a state; `open` brings it there. */
type Scene = { of: 'empty' | 'full'; path: string; signedIn?: false; open?(page: Page): Promise<unknown> }

const sheet = (page: Page) => page.locator('dialog.sheet[open]').waitFor()
const SCENES: Record<string, Scene> = {
  'nothing yet': { of: 'empty', path: '/' },
  wall: { of: 'full', path: '/' },
  input: { of: 'full', path: '/inputs/1' },
  'input without a feed': { of: 'full', path: '/inputs/4' },
  system: { of: 'full', path: '/system' },
  'sign-in': { of: 'full', path: '/login', signedIn: false },
  'not found': { of: 'full', path: '/nowhere' },
  'new input, refused': {
    of: 'full',
    path: '/',
    async open(page) {
      await page.getByRole('link', { name: 'Add input' }).first().click()
      await sheet(page)
      await page.getByRole('dialog').getByRole('button', { name: 'Add input' }).click()
      await page.locator('[aria-invalid="true"]').first().waitFor()
    },
  },
  'new input on its own page': { of: 'full', path: '/inputs/new' },
  'new output, refused': {
    of: 'full',
    path: '/inputs/1',
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
  'new output on its own page': { of: 'full', path: '/inputs/1/outputs/new?preset=srt' },
  'a log and a menu': {
    of: 'full',
    path: '/inputs/1',
    async open(page) {
      await page.getByRole('button', { name: 'Log of Studio' }).click()
      await page.locator('.drawer:visible .log li').first().waitFor()
      await openMenu(page.locator('#output-1'), 'More for Website')
    },
  },
  'a question': {
    of: 'full',
    path: '/inputs/1',
    async open(page) {
      await (await openMenu(page.locator('#output-1'), 'More for Website'))
        .getByRole('button', { name: 'Delete' })
        .click()
      await page.locator('dialog[open]').waitFor()
    },
  },
}

/** Up to date, where the page has a stream, and in the state that is meant. */
async function enter(page: Page, scene: Scene): Promise<void> {
  await page.goto(scene.path)
  if ((await page.locator('#link').count()) > 0) await upToDate(page)
  await scene.open?.(page)
}

const COLOURS_SETTLED =
  'Promise.allSettled(document.getAnimations().filter((a) => a instanceof CSSTransition).map((a) => a.finished)).then(() => null)'

/** What axe finds fault with, rule by rule; empty where all is well. */
async function faults(page: Page): Promise<string[]> {
  // A colour on its way from one theme to the other is neither.
  await page.evaluate(COLOURS_SETTLED)
  const { violations, passes } = (await page.evaluate('axe.run()')) as AxeResults
  expect(passes.length).toBeGreaterThan(10)
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`)
}

test.each(Object.entries(SCENES))(
  '%s: axe finds nothing in either theme, nothing scrolls sideways',
  async (_name, scene) => {
    const { of, signedIn = true } = scene
    await using visitor = await visit(of === 'empty' ? empty : full, { bypassCsp: true, signedIn })
    const { page } = visitor
    visitor.expectTrouble(/404|422/)
    await enter(page, scene)
    await page.evaluate(axe.source)
    expect({ light: await faults(page) }).toEqual({ light: [] })
    await page.emulateMedia({ colorScheme: 'dark' })
    expect({ dark: await faults(page) }).toEqual({ dark: [] })
    for (const size of Object.values(SIZES)) {
      await page.setViewportSize(size)
      expect({ width: size.width, overflow: await overflowPx(page) }).toEqual({ width: size.width, overflow: 0 })
    }
    expect({ narrow: await faults(page) }).toEqual({ narrow: [] })
  },
)
