import { expect } from 'bun:test'
import axe, { type AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { SIZES } from './browser.ts'
import { overflowPx } from './page-acts.ts'

/** Half the time of the defaults: no list of what is well, and no style sheet fetched anew for rules that are off. */
const OPTIONS = { resultTypes: ['violations'], preload: false }
const COLOURS_SETTLED =
  'Promise.allSettled(document.getAnimations().filter((a) => a instanceof CSSTransition).map((a) => a.finished)).then(() => null)'

/**
 * What axe finds fault with, rule by rule; empty where all is well. `within` is a selector, where the rest of the page has
 * been looked at.
 */
export async function axeFaults(page: Page, within = 'html'): Promise<string[]> {
  if (!(await page.evaluate('"axe" in globalThis'))) await page.evaluate(axe.source)
  // A colour on its way from one theme to the other is neither.
  await page.evaluate(COLOURS_SETTLED)
  const { violations, passes } = (await page.evaluate(
    `axe.run(${JSON.stringify(within)}, ${JSON.stringify(OPTIONS)})`,
  )) as AxeResults
  expect(passes.length).toBeGreaterThan(2)
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`)
}

/**
 * The page as it stands, by day on a desk and by night on the smallest phone: axe finds nothing. Nothing scrolls sideways
 * at any size.
 */
export async function expectGoodForAll(
  page: Page,
  what = new URL(page.url()).pathname,
  within?: string,
): Promise<void> {
  await page.emulateMedia({ colorScheme: 'light' })
  const overflows: Record<string, number> = {}
  for (const size of ['phone', 'desktop'] as const) overflows[size] = await overflowAt(page, size)
  const day = await axeFaults(page, within)
  await page.emulateMedia({ colorScheme: 'dark' })
  overflows['narrow'] = await overflowAt(page, 'narrow')
  const night = await axeFaults(page, within)
  expect({ what, day, night, overflows }).toEqual({
    ...{ what, day: [], night: [] },
    overflows: { phone: 0, desktop: 0, narrow: 0 },
  })
}

async function overflowAt(page: Page, size: keyof typeof SIZES): Promise<number> {
  await page.setViewportSize(SIZES[size])
  return overflowPx(page)
}
