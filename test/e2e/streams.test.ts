import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import type { StreamResource } from '../../src/streams/streams.schema.ts'
import { expectGoodForAll } from '../support/axe.ts'
import { visit } from '../support/browser.ts'
import { pictureSeen, upToDate } from '../support/page-acts.ts'
import { makePerson } from '../support/people.ts'
import { eventually } from '../support/waiting.ts'
import { startWeir, type Weir } from '../support/weir.ts'

let weir: Weir
beforeAll(async () => {
  weir = await startWeir()
})
afterAll(() => weir[Symbol.asyncDispose]())

const get = (key: string) => weir.ok<StreamResource>('GET', `/api/streams/${key}`)
const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name }).waitFor()

test('made in a sheet, live with its input, ended and edited; a stranger sees it without a login and without JavaScript', async () => {
  const input = await weir.createInput({ name: 'Main stage', kind: 'test' })
  await weir.inputIs(input.id, 'active', ({ status }) => status === 'active', 60_000)
  await using visitor = await visit(weir)
  const { page } = visitor
  await page.goto('/streams')
  await page.getByRole('link', { name: 'New stream' }).click()
  const sheet = page.locator('dialog.sheet[open]')
  await sheet.getByRole('button', { name: 'Make stream' }).click()
  visitor.expectTrouble(/422/)
  await sheet.locator('[name="title"][aria-invalid="true"]').waitFor()
  await sheet.getByLabel('Title').fill('Friday night at St Mark’s')
  await sheet.getByLabel('Description').fill('Four bands,\nfrom seven.')
  await sheet.getByLabel('Who may see the stream').selectOption('public')
  await sheet.getByLabel('Input', { exact: true }).selectOption({ label: 'Main stage' })
  await sheet.getByRole('button', { name: 'Make stream' }).click()
  await heading(page, 'Friday night at St Mark’s')
  expect(new URL(page.url()).pathname).toBe('/streams/friday-night-at-st-mark-s')
  expect(await page.locator('h1 .state').textContent()).toContain('Live')

  // The first look makes the first still.
  const key = 'friday-night-at-st-mark-s'
  await eventually(30_000, 'there is a still', async () => (await get(key)).cover_url)
  await using stranger = await visit(weir, { signedIn: false, script: false })
  await stranger.page.goto('/')
  await stranger.page.getByRole('link', { name: 'Friday night at St Mark’s' }).click()
  await heading(stranger.page, 'Friday night at St Mark’s')
  await pictureSeen(stranger.page.getByRole('img', { name: /as it looks now/ }))
  await stranger.page.getByText('Four bands').waitFor()
  const inside = await stranger.page.locator('body').innerHTML()
  for (const word of ['Main stage', 'Members', 'Edit stream', '/inputs/', 'Private']) expect(inside).not.toContain(word)

  await page.getByRole('button', { name: 'End', exact: true }).click()
  await page.locator('h1 .state[data-state="stopped"]').waitFor()
  expect((await get(key)).status).toBe('ended')
  await page.getByRole('button', { name: 'Start again' }).click()
  await page.locator('h1 .state[data-state="active"]').waitFor()
  await page.getByRole('link', { name: 'Edit stream' }).click()
  await page.getByRole('dialog').getByLabel('Title').fill('Saturday night')
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await heading(page, 'Saturday night')
  await weir.ok('POST', `/api/streams/${key}/members`, {
    role: 'subscriber',
    name: 'The Hallorans',
    until: '2099-12-31',
  })
  await page.reload()
  await page.getByRole('button', { name: /^Change what The Hallorans may/ }).click()
  const change = page.locator('dialog[open]')
  expect(await change.getByLabel('Until').inputValue()).toBe('2099-12-31')
  await change.getByLabel('Until').fill('2020-01-31')
  await change.getByRole('button', { name: 'Save' }).click()
  await change.locator('[name="until"][aria-invalid="true"]').waitFor()
  await change.getByLabel('Until').fill('2098-01-31')
  await change.getByRole('button', { name: 'Save' }).click()
  await page.locator('#members').getByText('until 2098-01-31').waitFor()
  await page.getByRole('button', { name: 'Take back the link of The Hallorans' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Take it back' }).click()
  await page.getByText('Nobody else is let in yet.').waitFor()

  await page.goto('/streams')
  await upToDate(page)
  await page.getByLabel('State').selectOption('ended')
  await page.getByRole('heading', { name: 'No stream fits' }).waitFor()
  await page.getByRole('link', { name: 'Show all' }).click()
  await page.waitForURL('**/streams')
  await upToDate(page)
  await page.getByLabel('Search in titles and keys').fill('saturd')
  await page.waitForURL('**/streams?q=saturd*')
  await page.getByRole('link', { name: 'Saturday night' }).click()
  await heading(page, 'Saturday night')
  await page.getByRole('button', { name: 'Move to the trash' }).click()
  // The page hears that its stream is gone while it leaves.
  visitor.expectTrouble(/404/)
  await page.getByRole('dialog').getByRole('button', { name: 'Move to the trash' }).click()
  await page.waitForURL('**/streams')
  expect((await weir.call('GET', `/api/streams/${key}`)).status).toBe(404)
}, 180_000)

test('without JavaScript: made, a refused form keeps what was typed, a personal link is shown once and opens the stream', async () => {
  await using visitor = await visit(weir, { script: false })
  const { page } = visitor
  visitor.expectTrouble(/422|404|410/)
  await page.goto('/streams/new')
  await page.getByLabel('Description').fill('Kept while refused')
  await page.getByRole('button', { name: 'Make stream' }).click()
  await page.locator('[name="title"][aria-invalid="true"]').waitFor()
  expect(await page.getByLabel('Description').inputValue()).toBe('Kept while refused')
  await page.getByLabel('Title').fill('Rehearsal')
  await page.getByRole('button', { name: 'Make stream' }).click()
  await heading(page, 'Rehearsal')

  await page.getByText('Make a personal link').click()
  await page.getByLabel('Whose link it is').fill('The Hallorans')
  await page.getByLabel('Until').first().fill('2020-01-31')
  await page.getByRole('button', { name: 'Make link' }).click()
  await page.locator('[name="until"][aria-invalid="true"]').waitFor()
  expect(await page.getByLabel('Whose link it is').inputValue()).toBe('The Hallorans')
  await page.getByLabel('Until').fill('2099-12-31')
  await page.getByRole('button', { name: 'Make link' }).click()
  await heading(page, 'Personal link')
  const link = (await page.locator('.copy code').textContent()) ?? ''
  await page.getByRole('link', { name: 'I have copied it' }).click()
  await page.locator('#members').getByText('The Hallorans', { exact: true }).waitFor()
  await page.locator('#members').getByText('until 2099-12-31').waitFor()
  expect(await page.content()).not.toContain(link.split('/').at(-1) ?? '?')

  await using guest = await visit(weir, { signedIn: false, script: false })
  guest.expectTrouble(/404|410|401/)
  await guest.page.goto('/streams/rehearsal')
  await guest.page.getByText('There is no such stream').waitFor()
  await guest.page.goto(link)
  await heading(guest.page, 'Rehearsal')
  await guest.page.getByText('Subscriber', { exact: true }).waitFor()
  const [member] = await weir.ok<{ id: number }[]>('GET', '/api/streams/rehearsal/members')
  await weir.ok('DELETE', `/api/streams/rehearsal/members/${member?.id}`)
  await guest.page.reload()
  await guest.page.getByText('There is no such stream').waitFor()
}, 120_000)

test('a viewer who is nobody’s guest is told what to do; a member by account sees the stream', async () => {
  const person = await makePerson(weir, 'viewer', 'vera')
  await weir.ok('POST', '/api/streams', { key: 'closed', title: 'Closed' })
  const look = () => fetch(`${weir.url}/streams`, { headers: { ...person.headers, accept: 'text/html' } })
  expect(await (await look()).text()).toContain('Ask its owner for a personal link')
  await weir.ok('POST', '/api/streams/closed/members', { role: 'subscriber', user_id: person.id })
  const seen = await (await look()).text()
  expect(seen).toContain('href="/streams/closed"')
  expect(seen).not.toContain('New stream')
}, 60_000)

test('pages of streams pass axe, in both themes, and fit 360, 390 and 1440 pixels', async () => {
  await weir.ok('POST', '/api/streams', {
    key: 'open',
    title: 'Open day with a rather long name',
    visibility: 'public',
  })
  await weir.ok('POST', '/api/streams/open/members', { role: 'subscriber', name: 'Kim' })
  const inside = ['/streams', '/streams/open', '/streams/new', '/streams/open/edit']
  for (const signedIn of [true, false]) {
    await using visitor = await visit(weir, { signedIn })
    const { page } = visitor
    for (const path of signedIn ? inside : ['/', '/streams/open']) {
      await page.goto(path)
      for (const fold of await page.locator('.disclose summary').all()) await fold.click()
      await expectGoodForAll(page, `${path} ${signedIn ? 'inside' : 'outside'}`)
    }
  }
})
