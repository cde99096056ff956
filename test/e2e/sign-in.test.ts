import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { runWeir } from '../support/command.ts'
import { visit } from '../support/browser.ts'
import { startWeir, TEST_KEY, type Weir } from '../support/weir.ts'

let weir: Weir
beforeAll(async () => {
  weir = await startWeir()
})
afterAll(() => weir[Symbol.asyncDispose]())

describe('a stranger', () => {
  test('is led to the door, and with the key to where they wanted to go', async () => {
    await using stranger = await visit(weir, { signedIn: false })
    const { page } = stranger
    await page.goto('/system')
    expect(new URL(page.url()).pathname).toBe('/login')
    await page.getByLabel('API key').fill(TEST_KEY)
    await page.keyboard.press('Enter')
    await page.waitForURL('**/system')
    await page.getByRole('heading', { level: 1, name: 'System' }).waitFor()
  })

  test('with a wrong key reads what is wrong and can try again', async () => {
    await using stranger = await visit(weir, { signedIn: false })
    const { page } = stranger
    await page.goto('/login?next=/system')
    await page.getByLabel('API key').fill('not-the-key')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('That did not match').waitFor()
    await page.locator('[name="key"][aria-invalid="true"]:focus').waitFor()
    expect(new URL(page.url()).pathname).toBe('/login')
    expect(await page.content()).not.toContain('not-the-key')
    await page.getByLabel('API key').fill(TEST_KEY)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { level: 1, name: 'System' }).waitFor()
  })

  test('enters by a link once: looking spends nothing, the press does', async () => {
    const run = await runWeir(['link'], { DATA_DIR: weir.dataDir, PORT: new URL(weir.url).port })
    const { pathname, search } = new URL(run.stdout.trim())
    await using first = await visit(weir, { signedIn: false })
    await first.page.goto(pathname + search)
    await first.page.reload()
    await first.page.getByRole('button', { name: 'Sign in' }).click()
    await first.page.getByRole('heading', { level: 1, name: 'Nothing flows yet' }).waitFor()

    await using second = await visit(weir, { signedIn: false })
    await second.page.goto(pathname + search)
    await second.page.getByText('This link is used up').waitFor()
  })
})

test('signed out, another tab says so within a second of its stream, stops asking and leads back', async () => {
  const input = await weir.createInput({ name: 'Main stage', kind: 'test', enabled: false })
  const output = await weir.createOutput(input.id, { name: 'Hall', url: 'udp://127.0.0.1:9', enabled: false })
  await using visitor = await visit(weir)
  const { page } = visitor
  visitor.expectTrouble(/401/)
  await page.goto(`/inputs/${input.id}`)
  await page.getByRole('button', { name: 'Log of Hall' }).click()
  await page.locator(`#output-${output.id}-log`).waitFor()
  const other = await visitor.newTab()
  await other.goto('/system')
  await other.locator('#link[data-tone="ok"]').waitFor()
  await other.getByRole('button', { name: 'Sign out' }).click()
  await other.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor()
  const signIn = page.locator('#link').getByRole('link', { name: 'Sign in' })
  await signIn.waitFor()
  expect(await page.getByRole('button', { name: 'Start Hall' }).getAttribute('aria-disabled')).toBe('true')
  // Longer than the log's turn: nothing may be asked by itself any more.
  const asked = page.waitForRequest(/\/logs/, { timeout: 2500 }).then(
    () => true,
    () => false,
  )
  expect(await asked).toBe(false)
  await signIn.click()
  await page.getByLabel('API key').fill(TEST_KEY)
  await page.keyboard.press('Enter')
  await page.waitForURL(`**/inputs/${input.id}`)
})
