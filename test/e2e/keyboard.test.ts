import { expect, test } from 'bun:test'
import type { Locator, Page } from 'playwright-core'
import { visit } from '../support/browser.ts'
import { feedIn } from '../support/page-acts.ts'
import { openUdpReceiver } from '../support/udp-receiver.ts'
import { startWeir } from '../support/weir.ts'

const MOST_TABS = 60

/** Goes there as somebody without a pointer does. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let i = 0; i < MOST_TABS; i++) {
    if (await target.evaluate((element: { matches(selector: string): boolean }) => element.matches(':focus'))) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`not reached in ${MOST_TABS} steps: ${target}`)
}

test('with the keyboard alone: an input, an output, a form left by Escape', async () => {
  await using weir = await startWeir()
  await using receiver = await openUdpReceiver()
  await using visitor = await visit(weir)
  const { page } = visitor
  await page.goto('/')
  await page.keyboard.press('Tab')
  await page.locator('a.skip:focus').waitFor()
  const choose = page.getByRole('link', { name: 'Receive SRT' })
  await tabTo(page, choose)
  await page.keyboard.press('Enter')
  const sheet = page.getByRole('dialog', { name: 'Add input' })
  await sheet.locator('[name="name"]:focus').waitFor()
  await page.keyboard.press('Escape')
  await sheet.waitFor({ state: 'detached' })
  await choose.and(page.locator(':focus')).waitFor()

  await page.keyboard.press('Enter')
  await sheet.locator('[name="name"]:focus').waitFor()
  await page.keyboard.type('By keys')
  await page.keyboard.press('Tab')
  expect(await sheet.locator('[name="kind"]:focus').getAttribute('value')).toBe('srt_listener')
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.press('ArrowLeft')
  expect(await sheet.locator('[name="kind"][value="test"]').isChecked()).toBe(true)
  await tabTo(page, sheet.getByRole('button', { name: 'Add input' }))
  await page.keyboard.press('Enter')
  await feedIn(page, { id: 1 }, 'active').waitFor()

  await tabTo(page, page.getByRole('link', { name: 'Add output' }))
  await page.keyboard.press('Enter')
  const form = page.getByRole('dialog', { name: 'Add output' })
  await form.waitFor()
  await tabTo(page, form.locator('[name="preset"]:checked'))
  await page.keyboard.press('ArrowLeft')
  await form.getByText('Nothing is sent again when it is lost').waitFor()
  await tabTo(page, form.getByLabel('Name', { exact: true }))
  await page.keyboard.type('Recorder')
  await tabTo(page, form.getByLabel('Server', { exact: true }))
  await page.keyboard.type(`udp://127.0.0.1:${receiver.port}`)
  await page.keyboard.press('Enter')
  await page.locator('#output-1[data-state="running"]').waitFor()
  await receiver.more(1)
})
