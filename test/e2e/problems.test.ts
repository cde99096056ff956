import { afterAll, beforeAll, expect, test } from 'bun:test'
import { Database } from 'bun:sqlite'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expectGoodForAll } from '../support/axe.ts'
import { type Visit, visit } from '../support/browser.ts'
import { makePerson } from '../support/people.ts'
import { startWeir, type Weir } from '../support/weir.ts'

let weir: Weir
beforeAll(async () => {
  weir = await startWeir()
})
afterAll(() => weir[Symbol.asyncDispose]())

test.each(['/nowhere', '/inputs/99', '/inputs/99/edit', '/inputs/abc'])(
  '%s: a page that says what is missing and leads back',
  async (path) => {
    await using visitor = await visit(weir)
    const { page } = visitor
    visitor.expectTrouble(/404/)
    const answer = await page.goto(path)
    expect(answer?.status()).toBe(404)
    expect(await page.locator('h1').count()).toBe(1)
    await page.locator('main').getByRole('link').first().click()
    expect(new URL(page.url()).pathname).toBe('/')
  },
)

/** The page of a problem as it was answered: its words, in both themes, at every size. */
async function meets(visitor: Visit, path: string, status: number, words: string): Promise<Page> {
  const { page } = visitor
  visitor.expectTrouble(new RegExp(String(status)))
  const answer = await page.goto(path)
  expect(answer?.status()).toBe(status)
  await page.locator('main').getByText(words).first().waitFor()
  await expectGoodForAll(page, `${status}`)
  return page
}

test('401: whoever asks for a part of a page without being signed in reads so', async () => {
  await using stranger = await visit(weir, { signedIn: false })
  const page = await meets(stranger, '/api/inputs', 401, 'Sign in')
  await page.getByRole('link', { name: 'Sign in' }).click()
  await page.getByLabel('API key').waitFor()
})

test('404: a place that is not there', async () => {
  await using visitor = await visit(weir)
  await meets(visitor, '/inputs/99', 404, 'There is no such input.')
})

test('500: a fault inside Weir says nothing but the request, under which the log has the rest; later all is well', async () => {
  const { id } = await weir.createInput({ name: 'Hall', kind: 'test', enabled: false })
  using database = new Database(join(weir.dataDir, 'weir.db'))
  await using visitor = await visit(weir)
  database.run('alter table events rename to events_away')
  try {
    const page = await meets(visitor, `/inputs/${id}`, 500, 'Something went wrong inside Weir.')
    const request = (await page.locator('main .mono').textContent()) ?? ''
    expect(weir.lines.some((line) => line.includes(request) && line.includes('no such table'))).toBe(true)
    expect(await page.locator('body').textContent()).not.toMatch(/table|sql/i)
  } finally {
    database.run('alter table events_away rename to events')
  }
  await visitor.page.getByRole('link', { name: 'Try again' }).click()
  await visitor.page.getByRole('heading', { level: 1, name: 'Hall' }).waitFor()
})

test('403: a form of another site changes nothing and reads so', async () => {
  const { id } = await weir.createInput({ name: 'Main stage', kind: 'test' })
  using site = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: () =>
      new Response(`<form method="post" action="${weir.url}/api/inputs/${id}/stop"><button>Win</button></form>`, {
        headers: { 'content-type': 'text/html' },
      }),
  })
  await using visitor = await visit(weir)
  const { page } = visitor
  visitor.expectTrouble(/^elsewhere|403|404.*favicon/)
  await page.goto(site.url.href)
  const answered = page.waitForResponse(`${weir.url}/api/inputs/${id}/stop`)
  await page.getByRole('button', { name: 'Win' }).click()
  expect((await answered).status()).toBe(403)
  await page.locator('h1').waitFor()
  expect((await weir.input(id)).enabled).toBe(true)
})

test('403: a page that a viewer may not see', async () => {
  const viewer = await makePerson(weir, 'viewer')
  await using visitor = await visit(weir, { signedIn: false })
  const [name = '', value = ''] = (viewer.headers['cookie'] ?? '').split('=')
  await visitor.context.addCookies([{ name, value, url: weir.url, httpOnly: true }])
  await meets(visitor, '/system', 403, 'Your role or your key does not allow this.')
})
