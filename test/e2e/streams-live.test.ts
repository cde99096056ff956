import { afterAll, beforeAll, expect, test } from 'bun:test'
import { visit } from '../support/browser.ts'
import { createGalleryActs, type GalleryActs, hasTitles, open, shownPicture } from '../support/galleries.ts'
import { upToDate } from '../support/page-acts.ts'
import { eventually } from '../support/waiting.ts'
import { startWeir, type Weir } from '../support/weir.ts'

let weir: Weir
let acts: GalleryActs
beforeAll(async () => {
  weir = await startWeir()
  acts = createGalleryActs(weir)
})
afterAll(() => weir[Symbol.asyncDispose]())

test('a stranger’s page follows the stream: pictures, state and title, until it is not theirs to see any more', async () => {
  const key = await acts.makeStream({ title: 'Rehearsal', description: 'Soon' })
  await using stranger = await visit(weir, { signedIn: false })
  const { page } = stranger
  await open(page, `/streams/${key}`)
  await acts.upload(key, 'Backstage', 'private')
  await acts.upload(key, 'Choir')
  await hasTitles(page, 'Choir')
  await weir.ok('POST', `/api/streams/${key}/start`)
  await page.locator('h1 .state[data-state="active"]').waitFor()
  await weir.ok('PATCH', `/api/streams/${key}`, { title: 'Concert', description: 'Now' })
  await page.getByRole('heading', { level: 1, name: 'Concert' }).waitFor()
  await page.locator('#stream-words', { hasText: 'Now' }).waitFor()
  await weir.ok('POST', `/api/streams/${key}/end`)
  await page.locator('h1 .state[data-state="stopped"]').waitFor()
  expect(await page.locator('#link').textContent()).toContain('Up to date')

  await page.locator('.picture a').first().click()
  await shownPicture(page).waitFor()
  stranger.expectTrouble(/404/)
  await weir.ok('PATCH', `/api/streams/${key}`, { visibility: 'private' })
  await page.getByText('There is no such stream').waitFor()
  expect(await page.locator('img[src*="/images/"]').count()).toBe(0)
})

test('a guest by personal link hears what subscribers hear, until the link is taken away', async () => {
  const key = await acts.makeStream({ visibility: 'private' })
  const members = `/api/streams/${key}/members`
  const { id, link } = await weir.ok<{ id: number; link: string }>('POST', members, { role: 'subscriber', name: 'Kim' })
  await using guest = await visit(weir, { signedIn: false })
  const { page } = guest
  await open(page, new URL(link).pathname)
  await acts.upload(key, 'Backstage', 'private')
  const encore = await acts.upload(key, 'Encore', 'subscribers')
  await hasTitles(page, 'Encore')
  const alone = await guest.newTab()
  await open(alone, `/streams/${key}/gallery/${encore.id}`)
  guest.expectTrouble(/404/)
  await weir.ok('DELETE', `${members}/${id}`)
  for (const tab of [page, alone]) await tab.getByText('There is no such stream').waitFor()
})

test('whoever may see less begins anew with less; a page of somebody who signed out says so', async () => {
  const key = await acts.makeStream()
  const members = `/api/streams/${key}/members`
  const { id, link } = await weir.ok<{ id: number; link: string }>('POST', members, { role: 'subscriber' })
  await acts.upload(key, 'Choir')
  await acts.upload(key, 'Encore', 'subscribers')
  await using guest = await visit(weir, { signedIn: false })
  await open(guest.page, new URL(link).pathname)
  await hasTitles(guest.page, 'Encore', 'Choir')
  await weir.ok('DELETE', `${members}/${id}`)
  await hasTitles(guest.page, 'Choir')
  await guest.page.getByText('Subscriber', { exact: true }).waitFor({ state: 'detached' })

  await using owner = await visit(weir)
  await open(owner.page, `/streams/${key}`)
  await acts.upload(key, 'Backstage', 'private')
  await hasTitles(owner.page, 'Backstage', 'Encore', 'Choir')
  owner.expectTrouble(/401/)
  await owner.context.request.delete('/api/session', { headers: { 'sec-fetch-site': 'same-origin' } })
  await owner.page.locator('#link', { hasText: 'Signed out' }).waitFor()
})

test('the picture follows the feed; without it the page greys the last one, says its age and that it is interrupted', async () => {
  const input = await weir.createInput({ name: 'Main stage', kind: 'test' })
  await weir.inputIs(input.id, 'active', ({ status }) => status === 'active', 60_000)
  const key = await acts.makeStream({ input_id: input.id })
  await using stranger = await visit(weir, { signedIn: false })
  const { page } = stranger
  await open(page, `/streams/${key}`)
  const still = page.locator('#stream-still img')
  const address = () => still.getAttribute('src')
  await still.waitFor()
  const first = await address()
  await eventually(30_000, 'a newer picture', async () => (await address()) !== first)
  await weir.ok('POST', `/api/inputs/${input.id}/stop`)
  await page.locator('#stream-still .is-stale').getByRole('img', { name: 'as it was last seen' }).waitFor()
  await page.locator('#stream-still .still-age time').waitFor()
  await page.locator('#stream-state', { hasText: 'Interrupted' }).waitFor()
  await weir.ok('POST', `/api/inputs/${input.id}/start`)
  await page.locator('#stream-state', { hasText: 'Live' }).waitFor({ timeout: 60_000 })
  await upToDate(page)
}, 120_000)
