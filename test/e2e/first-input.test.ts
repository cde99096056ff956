import { afterAll, beforeAll, expect, test } from 'bun:test'
import { visit } from '../support/browser.ts'
import { startFeed } from '../support/feed.ts'
import { feedIn, pictureSeen } from '../support/page-acts.ts'
import { startWeir, type Weir } from '../support/weir.ts'

let weir: Weir
beforeAll(async () => {
  weir = await startWeir()
})
afterAll(() => weir[Symbol.asyncDispose]())

test('from nothing to a moving picture: one press, under 30 seconds', async () => {
  await using visitor = await visit(weir)
  const { page } = visitor
  await page.goto('/')
  const began = performance.now()
  await page.getByRole('button', { name: 'Start a test pattern' }).click()
  await feedIn(page, { id: 1 }, 'active').waitFor()
  await pictureSeen(page.locator('#input-1-still img'))
  await page.locator('#input-1-rate .unit').waitFor()
  expect(performance.now() - began).toBeLessThan(30_000)
  await page.getByText('Made here', { exact: true }).waitFor()
})

test('a port for an encoder: the form, where to send, the feed heard and shown, then its card on the wall', async () => {
  await using visitor = await visit(weir)
  const { page } = visitor
  await page.goto('/')
  await page.getByRole('link', { name: 'Add input' }).first().click()
  const sheet = page.getByRole('dialog', { name: 'Add input' })
  await sheet.getByLabel('Name', { exact: true }).fill('Main stage')
  await sheet.getByRole('radio', { name: 'UDP' }).check()
  await sheet.getByText('More about this feed').click()
  await sheet.getByLabel('Listen on').fill('127.0.0.1')
  await sheet.getByRole('button', { name: 'Add input' }).click()
  await page.getByRole('heading', { level: 1, name: 'Main stage' }).waitFor()
  const { udp_port: port } = await weir.input(2)
  await feedIn(page, { id: 2 }, 'inactive').waitFor()
  const send = page.locator('#input-2-send')
  expect(await send.locator('.copy code').first().textContent()).toBe(`udp://127.0.0.1:${port}`)
  expect(await send.textContent()).toContain('pkt_size=1316')

  await using _feed = await startFeed(port ?? 0)
  await feedIn(page, { id: 2 }, 'active').waitFor()
  await page.locator('#input-2-stats').getByText('H.264').waitFor()
  await pictureSeen(page.locator('#input-2-still img'))

  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Live' }).click()
  const card = page.locator('article#input-2[data-state="active"]')
  await card.getByText(`UDP port ${port}`).waitFor()
  await card.locator('.rate .unit').waitFor()
  await pictureSeen(card.locator('.still img'))
  await page.locator('#summary').getByText('2 of 2').waitFor()
})

test('a refused form keeps what was typed and says at the field what is wrong', async () => {
  await using visitor = await visit(weir)
  const { page } = visitor
  visitor.expectTrouble(/422/)
  await page.goto('/')
  await page.getByRole('link', { name: 'Add input' }).first().click()
  const sheet = page.getByRole('dialog', { name: 'Add input' })
  await sheet.getByLabel('Name', { exact: true }).fill('Second stage')
  await sheet.getByRole('radio', { name: 'UDP' }).check()
  await sheet.getByLabel('UDP port').fill('99999')
  await sheet.getByRole('button', { name: 'Add input' }).click()
  const port = sheet.locator('[name="udp_port"][aria-invalid="true"]')
  await port.waitFor()
  expect(await port.inputValue()).toBe('99999')
  expect(await sheet.getByLabel('Name', { exact: true }).inputValue()).toBe('Second stage')
  expect(await sheet.locator('#f-udp_port-error').textContent()).not.toBe('')
  await sheet.locator('[name="udp_port"]:focus').waitFor()
  await sheet.getByRole('alert').getByRole('link', { name: 'UDP port' }).waitFor()
  await sheet.getByRole('button', { name: 'Cancel' }).click()
  await sheet.waitFor({ state: 'detached' })
  expect(await weir.ok<unknown[]>('GET', '/api/inputs')).toHaveLength(2)
})
