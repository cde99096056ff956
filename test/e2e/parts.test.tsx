/** @jsxImportSource hono/jsx */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import { Button } from '../../src/ui/button.tsx'
import { Sheet } from '../../src/ui/dialog.tsx'
import { Field } from '../../src/ui/field.tsx'
import { Menu } from '../../src/ui/menu.tsx'
import { sharedBrowser } from '../support/browser.ts'
import { createGallery } from '../support/component-gallery.tsx'

const app = await createGallery()
let port = 0
let server: Bun.Server<undefined>
const serve = () => Bun.serve({ hostname: '127.0.0.1', port, fetch: (request, s) => app.fetch(request, { server: s }) })

/** Refused the first time, accepted the second. */
function SheetForm({ error }: { error?: string }) {
  const own = { 'hx-swap': 'none', 'hx-status:422': 'target:#sheet-form swap:outerMorph', 'data-close-when-done': '' }
  return (
    <form id="sheet-form" method="post" action="/things" hx-post="/things" {...own}>
      <Field name="thing" label="Thing" error={error} />
      <Button label="Save" type="submit" />
    </form>
  )
}

beforeAll(() => {
  let posts = 0
  app.get('/new', (c) =>
    c.html(
      <Sheet id="sheet" title="New" open>
        <SheetForm />
      </Sheet>,
    ),
  )
  app.post('/things', (c) => {
    if (posts++ === 0) return c.html(<SheetForm error="Too short." />, 422)
    return c.body(null, 204, { 'hx-trigger': JSON.stringify({ toast: { text: '<b> is there', target: '#toasts' } }) })
  })
  app.get('/menu', (c) =>
    c.html(
      <Menu label="More" id="demo-menu">
        <button type="button">Newer</button>
      </Menu>,
    ),
  )
  app.get('/fail', (c) =>
    c.html('<div class="problem">It failed</div>', 500, { 'hx-retarget': '#toasts', 'hx-reswap': 'beforeend' }),
  )
  server = serve()
  port = server.port ?? 0
})
afterAll(() => server.stop(true))

async function open(): Promise<AsyncDisposable & { page: Page }> {
  const context = await (await sharedBrowser()).newContext({ permissions: ['clipboard-read', 'clipboard-write'] })
  const page = await context.newPage()
  await page.goto(server.url.href)
  await page.locator('#link[data-tone="ok"]').waitFor()
  return { page, [Symbol.asyncDispose]: () => context.close() }
}

const ask = (page: Page, url: string, target: string, swap: string) =>
  page.evaluate(
    ([url = '', target = '', swap = '']) => {
      const { htmx } = globalThis as unknown as { htmx: { ajax(m: string, u: string, o: object): Promise<void> } }
      return htmx.ajax('GET', url, { target, swap })
    },
    [url, target, swap],
  )

test('the theme is kept in a cookie, and the next page has it at once', async () => {
  await using it = await open()
  const { page } = it
  for (const theme of ['light', 'dark', null]) {
    await page.locator('[data-do="theme"]').click()
    expect(await page.locator('html').getAttribute('data-theme')).toBe(theme)
    const served = await (await page.request.get(server.url.href)).text()
    expect(served.includes(`data-theme="${theme}"`)).toBe(theme !== null)
  }
})

test('a menu that is open stays so when a newer one takes its place; Escape gives the focus back', async () => {
  await using it = await open()
  const menu = it.page.locator('#demo-menu')
  await menu.locator('summary').click()
  await ask(it.page, '/menu', '#demo-menu', 'outerMorph')
  await menu.getByRole('button', { name: 'Newer' }).waitFor()
  await it.page.keyboard.press('Escape')
  expect(await menu.getAttribute('open')).toBeNull()
  expect(await menu.locator('summary').evaluate((summary) => summary.matches(':focus'))).toBe(true)
})

test('the question before a deletion offers the safe answer, and closing it gives the focus back', async () => {
  await using it = await open()
  const { page } = it
  await page.locator('#demo-menu summary').click()
  await page.getByRole('button', { name: 'Delete…' }).last().click()
  await page.locator('#demo-confirm [autofocus]:focus').waitFor()
  await page.keyboard.press('Escape')
  await page.locator('#demo-confirm').waitFor({ state: 'hidden' })
})

test('a sheet arrives, is refused at its field with what was typed, then done and gone with a message', async () => {
  await using it = await open()
  const { page } = it
  await ask(page, '/new', 'body', 'beforeend')
  const sheet = page.getByRole('dialog', { name: 'New' })
  await sheet.getByLabel('Thing').fill('typed')
  await sheet.getByRole('button', { name: 'Save' }).click()
  await sheet.locator('#f-thing[aria-invalid="true"]:focus').waitFor()
  expect(await sheet.getByLabel('Thing').inputValue()).toBe('typed')
  await sheet.getByRole('button', { name: 'Save' }).click()
  await sheet.waitFor({ state: 'detached' })
  await page.locator('body > #toasts .toast', { hasText: '<b> is there' }).waitFor()
})

test('an answer that failed is told apart and leaves the page as it is', async () => {
  await using it = await open()
  const { page } = it
  await ask(page, '/fail', '#main', 'innerHTML')
  await page.locator('#toasts .problem', { hasText: 'It failed' }).waitFor()
  expect(await page.locator('h1').textContent()).toContain('Components')
})

test('copies a line as it is, and of a log the lines that are shown', async () => {
  await using it = await open()
  const { page } = it
  const copied = (is: (text: string) => boolean) =>
    page.waitForFunction(`navigator.clipboard.readText().then(${is})`, null, { polling: 100 })
  await page.getByRole('button', { name: 'Copy: FFmpeg' }).click()
  await copied((text) => text.startsWith('ffmpeg -re -i program.mp4 -c:v libx264'))
  await page.locator('#demo-drawer').getByLabel('Warnings').check({ force: true })
  await page.getByRole('button', { name: 'Copy all' }).click()
  await copied((text) => text.split('\n').length === 2 && text.endsWith('Broken pipe'))
})

test('a secret can be looked at', async () => {
  await using it = await open()
  const field = it.page.locator('#f-secret')
  await it.page.locator('.field', { has: field }).getByRole('button').click()
  expect(await field.getAttribute('type')).toBe('text')
})

test('a lost connection is said within 2 seconds, with greyed figures, and found again', async () => {
  await using it = await open()
  const { page } = it
  const lost = page.locator('#link[data-tone="warn"]')
  await server.stop(true)
  await lost.waitFor({ timeout: 2000 })
  expect(await lost.textContent()).toMatch(/^Connection lost at \d\d:\d\d:\d\d, trying again$/)
  expect(await page.locator('html[data-stale]').count()).toBe(1)
  const tones = await page.evaluate<string[]>(
    `[...document.querySelectorAll('.page .state[data-state]')].map((state) => getComputedStyle(state).color)`,
  )
  expect([tones.length > 1, new Set(tones).size]).toEqual([true, 1])
  server = serve()
  await page.locator('#link[data-tone="ok"]').waitFor()
  expect(await page.locator('html[data-stale]').count()).toBe(0)
})

test('what is sent while the server is away is answered by a message, and what was typed stays', async () => {
  await using it = await open()
  const { page } = it
  await ask(page, '/new', 'body', 'beforeend')
  const sheet = page.getByRole('dialog', { name: 'New' })
  await sheet.getByLabel('Thing').fill('typed')
  await server.stop(true)
  await sheet.getByRole('button', { name: 'Save' }).click()
  await sheet.locator('.toast', { hasText: 'Weir could not be reached. Nothing was changed; try again.' }).waitFor()
  expect(await sheet.getByLabel('Thing').inputValue()).toBe('typed')
  server = serve()
  await page.locator('#link[data-tone="ok"]').waitFor()
})
