import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import { axeFaults, expectGoodForAll } from '../support/axe.ts'
import { visit } from '../support/browser.ts'
import { startFeed } from '../support/feed.ts'
import { overflowPx, pictureSeen, upToDate } from '../support/page-acts.ts'
import type { Program } from '../support/processes.ts'
import type { Input } from '../support/resources.ts'
import { active, udpOutput } from '../support/stage.ts'
import { tempDir } from '../support/temp.ts'
import { startWeir, type Weir } from '../support/weir.ts'

let weir: Weir
beforeAll(async () => {
  weir = await startWeir()
})
afterAll(() => weir[Symbol.asyncDispose]())

const air = (page: Page, input: Pick<Input, 'id'>) => page.locator(`#input-${input.id}-air`)
const press = (page: Page, name: RegExp) => page.locator('.air').getByRole('button', { name }).click()
/** A slate takes a second of a core to make, which may be long on a busy machine. */
const viewersSee = (page: Page, words: string) =>
  page.locator('.air h2').getByText(`Viewers see ${words}`).waitFor({ timeout: 60_000 })

/** An input with a feed on it, and its port. */
async function open(body: Record<string, unknown>): Promise<{ input: Input; port: number; feed: Program }> {
  const made = await weir.createInput({ kind: 'udp', bind_address: '127.0.0.1', ...body })
  const port = made.udp_port ?? 0
  const feed = await startFeed(port)
  return { input: await weir.inputIs(made.id, 'active', active), port, feed }
}

test('somebody chooses a slate for a lost feed: it comes by itself, the output goes on, and Main brings the feed back', async () => {
  const { input, port, feed } = await open({ name: 'Main stage', on_loss: 'freeze' })
  const { output, receiver } = await udpOutput(weir, input.id, 'Screens')
  const { process_id: pid } = await weir.output(input.id, output.id)
  await using visitor = await visit(weir)
  const { page } = visitor
  await page.goto(`/inputs/${input.id}/edit`)
  await page.locator('summary', { hasText: 'When the feed is lost' }).click()
  await page.getByRole('radio', { name: 'A slate' }).check()
  await page.getByLabel('Back to the feed').selectOption('manual')
  expect(await axeFaults(page, 'main form')).toEqual([])
  await page.getByRole('button', { name: 'Save' }).click()
  await viewersSee(page, 'the feed')
  await upToDate(page)
  expect(await weir.inputIs(input.id, 'with a slate', (it) => it.slate_ready === true, 60_000)).toMatchObject({
    on_loss: 'slate',
    return: 'manual',
  })
  await page.getByRole('button', { name: /Main.*chosen now/ }).waitFor()

  await feed.stop()
  await viewersSee(page, 'the slate')
  await air(page, input).getByText('The feed is lost.').waitFor()
  await air(page, input).getByText('Main: The feed is not there.').waitFor()
  expect(await page.getByRole('button', { name: /^Main/ }).getAttribute('aria-disabled')).toBe('true')
  await page.locator(`#input-${input.id}-still .still-air`).getByText('Viewers see the slate').waitFor()
  await receiver.more(200)
  expect(await weir.output(input.id, output.id)).toMatchObject({ status: 'running', process_id: pid })
  await expectGoodForAll(page)
  const wall = await visitor.newTab()
  await wall.goto('/')
  await wall
    .locator(`#input-${input.id} .card-air`)
    .getByText(/Viewers see the slate for .*The feed is lost/)
    .waitFor()
  await wall
    .locator('#attention')
    .getByText(/Viewers see the slate/)
    .waitFor()

  const back = await startFeed(port)
  await air(page, input).getByText('The feed is there again. Press Main.').waitFor()
  await press(page, /^Main/)
  await viewersSee(page, 'the feed')
  await receiver.more(500)
  expect(await weir.output(input.id, output.id)).toMatchObject({ status: 'running', process_id: pid })
  await page.locator('.events').getByText('The feed was chosen for the air.').waitFor()
  await page.locator('.events').getByText('The feed was lost. The slate is on air.').waitFor()
  await back.stop()
  await receiver[Symbol.asyncDispose]()
})

test('keys: the slate at once though it is not made yet, Freeze, and back by itself; not while somebody types', async () => {
  const { input, feed } = await open({ name: 'Keys' })
  await using visitor = await visit(weir)
  const { page } = visitor
  await page.goto(`/inputs/${input.id}`)
  await upToDate(page)
  await viewersSee(page, 'the feed')
  await page.keyboard.press('3')
  await viewersSee(page, 'the slate')
  await air(page, input).getByText('Chosen by hand; the feed is there.').waitFor()
  await page.keyboard.press('4')
  await viewersSee(page, 'the last picture')
  await page.keyboard.press('0')
  await viewersSee(page, 'the feed')

  await page.getByRole('button', { name: 'Keys 1 to 4 and 0' }).click()
  await page.locator('[data-do="air-keys"][aria-pressed="false"]').waitFor()
  await page.keyboard.press('4')
  await page.getByRole('button', { name: 'Keys 1 to 4 and 0' }).click()
  await page.getByRole('link', { name: 'Add output' }).click()
  const name = page.getByRole('dialog').getByLabel('Name', { exact: true })
  await name.fill('Channel ')
  await name.press('End')
  await page.keyboard.type('4')
  expect(await name.inputValue()).toBe('Channel 4')
  await page.keyboard.press('Escape')
  const { items } = await weir.ok<{ items: { message: string }[] }>(
    'GET',
    `/api/inputs/${input.id}/events?type=input.switched`,
  )
  expect(items.filter(({ message }) => message === 'The picture was frozen.')).toHaveLength(1)
  await feed.stop()
})

test('a picture for the slate: sent, shown, refused with words, removed; without a script too', async () => {
  const input = await weir.createInput({ name: 'Pictures', enabled: false })
  const file = `${tempDir('slate')}/card.png`
  Bun.spawnSync(['ffmpeg', '-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=640x360', '-frames:v', '1', file])
  await using visitor = await visit(weir)
  visitor.expectTrouble(/415|Unsupported/)
  const { page } = visitor
  await page.goto(`/inputs/${input.id}`)
  await upToDate(page)
  await page.locator('summary', { hasText: 'Picture of the slate' }).click()
  await page.locator('.slate input[type=file]').setInputFiles(file)
  await page.getByRole('button', { name: 'Upload' }).click()
  await pictureSeen(page.locator('.slate img'))
  await page
    .locator('.slate input[type=file]')
    .setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: Buffer.from('no picture') })
  await page.getByRole('button', { name: 'Upload' }).click()
  await page.locator('#toasts').getByText('This is no picture that Weir knows').waitFor()
  await page.getByRole('button', { name: 'Remove the picture' }).click()
  await page.locator('.slate .still-word').getByText('Pictures').waitFor()

  await using plain = await visit(weir, { script: false })
  await plain.page.goto(`/inputs/${input.id}`)
  await plain.page.locator('summary', { hasText: 'Picture of the slate' }).click()
  await plain.page.locator('.slate input[type=file]').setInputFiles(file)
  await plain.page.getByRole('button', { name: 'Upload' }).click()
  await plain.page.waitForURL(`**/inputs/${input.id}`)
  expect((await weir.input(input.id)).slate_url).toContain('/slate?v=')
})

test('a phone shows all of it, day and night', async () => {
  const spare = await weir.createInput({ name: 'Spare camera with a long name', kind: 'test' })
  const { input, feed } = await open({ name: 'Phone', on_loss: 'backup', backup_input_id: spare.id })
  for (const theme of ['light', 'dark'] as const) {
    await using visitor = await visit(weir, { size: 'phone', theme })
    const { page } = visitor
    await page.goto(`/inputs/${input.id}`)
    await upToDate(page)
    await air(page, input)
      .getByText(/The backup (is ready|differs)/)
      .waitFor()
    expect(await overflowPx(page)).toBe(0)
    // Two in a row, each as wide as the other.
    const boxes = await Promise.all(
      (await air(page, input).locator('fieldset button').all()).map((b) => b.boundingBox()),
    )
    expect(new Set(boxes.map((box) => box?.y)).size).toBe(2)
    expect(new Set(boxes.map((box) => Math.round(box?.width ?? 0))).size).toBe(1)
    await page.goto(`/inputs/${input.id}/edit`)
    await page
      .getByLabel('Backup', { exact: true })
      .locator('option', { hasText: 'Spare camera' })
      .waitFor({ state: 'attached' })
    expect(await overflowPx(page)).toBe(0)
  }
  await feed.stop()
})
