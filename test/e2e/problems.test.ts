import { afterAll, beforeAll, expect, test } from 'bun:test'
import { visit } from '../support/browser.ts'
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

test('401: whoever asks for a part of a page without being signed in reads so', async () => {
  await using stranger = await visit(weir, { signedIn: false })
  stranger.expectTrouble(/401/)
  const answer = await stranger.page.goto('/api/inputs')
  expect(answer?.status()).toBe(401)
  await stranger.page.getByRole('link', { name: 'Sign in' }).click()
  await stranger.page.getByLabel('API key').waitFor()
})

test('403: a form of another site changes nothing and reads so', async () => {
  await weir.createInput({ name: 'Main stage', kind: 'test' })
  using site = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: () =>
      new Response(`<form method="post" action="${weir.url}/api/inputs/1/stop"><button>Win</button></form>`, {
        headers: { 'content-type': 'text/html' },
      }),
  })
  await using visitor = await visit(weir)
  const { page } = visitor
  visitor.expectTrouble(/^elsewhere|403|404.*favicon/)
  await page.goto(site.url.href)
  const answered = page.waitForResponse(`${weir.url}/api/inputs/1/stop`)
  await page.getByRole('button', { name: 'Win' }).click()
  expect((await answered).status()).toBe(403)
  await page.locator('h1').waitFor()
  expect((await weir.input(1)).enabled).toBe(true)
})
