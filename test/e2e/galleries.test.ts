import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { axeFaults, expectGoodForAll } from '../support/axe.ts'
import { SIZES, visit } from '../support/browser.ts'
import {
  createGalleryActs,
  gallery,
  titles,
  hasTitles,
  card,
  tick,
  shownPicture,
  open,
  type GalleryActs,
  type Image,
} from '../support/galleries.ts'
import { overflowPx } from '../support/page-acts.ts'
import { eventually } from '../support/waiting.ts'
import { startWeir, type Weir } from '../support/weir.ts'

let weir: Weir
let acts: GalleryActs
beforeAll(async () => {
  weir = await startWeir()
  acts = createGalleryActs(weir)
})
afterAll(() => weir[Symbol.asyncDispose]())

describe('the list', () => {
  test('visibility is changed on the card; filters, search and order show what fits; each is in the address', async () => {
    const key = await acts.makeStream()
    const first = await acts.upload(key, 'Organ')
    await acts.upload(key, 'Choir', 'private')
    await acts.upload(key, 'Altar', 'subscribers')
    await using visitor = await visit(weir)
    const { page } = visitor
    await open(page, gallery(key))
    await hasTitles(page, 'Altar', 'Choir', 'Organ')
    await page.getByLabel('Who may see Organ').selectOption('private')
    await eventually(20_000, 'it is private', async () => (await acts.image(first.id)).visibility === 'private')
    await page.locator('#picture-filters').getByRole('radio', { name: 'Private' }).check()
    await hasTitles(page, 'Choir', 'Organ')
    await page.locator('#picture-sort').selectOption('oldest')
    await hasTitles(page, 'Organ', 'Choir')
    await page.locator('#picture-search').fill('cho')
    await hasTitles(page, 'Choir')
    expect(new URL(page.url()).search).toBe('?visibility=private&q=cho&sort=oldest')
    await page.reload()
    await hasTitles(page, 'Choir')
    await page.locator('#picture-search').fill('nothing like it')
    await page.getByRole('heading', { name: 'No picture fits' }).waitFor()
    await page.getByRole('link', { name: 'Show all' }).click()
    await hasTitles(page, 'Altar', 'Choir', 'Organ')
  })

  test('what others upload, change and remove appears by itself', async () => {
    const key = await acts.makeStream()
    await using visitor = await visit(weir)
    const { page } = visitor
    await open(page, gallery(key))
    const one = await acts.upload(key, 'Of somebody else')
    await hasTitles(page, 'Of somebody else')
    await acts.upload(key, 'Second')
    await hasTitles(page, 'Second', 'Of somebody else')
    await weir.ok('PATCH', `/api/images/${one.id}`, { title: 'Renamed' })
    await hasTitles(page, 'Second', 'Renamed')
    await weir.call('DELETE', `/api/images/${one.id}`)
    await hasTitles(page, 'Second')
  })

  test('nothing moves while pictures load: each place is as large as what comes', async () => {
    const key = await acts.makeStream()
    for (const title of ['A', 'B', 'C', 'D']) await acts.upload(key, title)
    await using visitor = await visit(weir)
    const { page } = visitor
    const held: (() => void)[] = []
    await page.route('**/images/**', async (route) => {
      await new Promise<void>((resolve) => held.push(resolve))
      await route.continue()
    })
    await page.goto(gallery(key), { waitUntil: 'domcontentloaded' })
    const boxes = () =>
      page
        .locator('.picture')
        .evaluateAll((all) =>
          all.map((each) => (each as unknown as { getBoundingClientRect(): object }).getBoundingClientRect()),
        )
    await eventually(20_000, 'pictures are asked for', () => held.length >= 4)
    expect(await page.locator('.picture-blank rect').count()).toBeGreaterThan(8)
    const before = JSON.stringify(await boxes())
    for (const go of held) go()
    await page.waitForFunction(() =>
      [...(globalThis as unknown as { document: { images: Iterable<{ complete: boolean }> } }).document.images].every(
        ({ complete }) => complete,
      ),
    )
    expect(JSON.stringify(await boxes())).toBe(before)
  })
})

describe('several at once', () => {
  test('by shift and by keyboard; visibility, tags, move, trash with a way back', async () => {
    const key = await acts.makeStream()
    const other = await acts.makeStream({ title: 'The other one' })
    const all: Image[] = []
    for (const title of ['One', 'Two', 'Three', 'Four']) all.push(await acts.upload(key, title))
    await using visitor = await visit(weir)
    const { page } = visitor
    await open(page, gallery(key))
    const bar = page.locator('#bulkbar')
    expect(await bar.isVisible()).toBe(false)
    await tick(page, 'Four').focus()
    await page.keyboard.press('Space')
    await tick(page, 'Two').click({ modifiers: ['Shift'] })
    expect(await bar.locator('#bulk-count').textContent()).toBe('3 selected')
    await bar.locator('#bulk-visibility > summary').click()
    await bar.getByRole('button', { name: 'Private' }).click()
    await page.getByText('3 pictures are private now').waitFor()
    expect(await bar.isVisible()).toBe(false)
    expect((await acts.image(all[1]!.id)).visibility).toBe('private')
    expect((await acts.image(all[0]!.id)).visibility).toBe('public')

    await tick(page, 'One').check()
    await bar.locator('#bulk-tag > summary').click()
    await bar.getByLabel('Tag').fill('concert, crowd')
    await page.keyboard.press('Enter')
    await eventually(20_000, 'it is tagged', async () => (await acts.image(all[0]!.id)).tags.join() === 'concert,crowd')

    await tick(page, 'Two').check()
    await bar.locator('#bulk-move > summary').click()
    await bar.getByRole('button', { name: 'The other one' }).click()
    await hasTitles(page, 'Four', 'Three', 'One')
    const moved = await weir.ok<{ items: Image[] }>('GET', `/api/streams/${other}/images`)
    expect(moved.items.map(({ title }) => title)).toEqual(['Two'])

    await tick(page, 'Four').check()
    await tick(page, 'One').check()
    await page.keyboard.press('Escape')
    expect(await bar.isVisible()).toBe(false)
    await tick(page, 'Four').check()
    await tick(page, 'One').check()
    await bar.getByRole('button', { name: 'To the trash' }).click()
    await hasTitles(page, 'Three')
    await page.getByText('2 pictures are in the trash').waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await hasTitles(page, 'Four', 'Three', 'One')
  })

  test('the trash: back into the gallery, or for ever after a question', async () => {
    const key = await acts.makeStream()
    for (const title of ['Keep', 'Away', 'Gone']) {
      const { id } = await acts.upload(key, title)
      await weir.call('DELETE', `/api/images/${id}`)
    }
    await using visitor = await visit(weir)
    const { page } = visitor
    await open(page, '/trash')
    await page.getByRole('button', { name: 'Put back Keep' }).click()
    const mine = page.locator(`section[aria-labelledby="trash-${key}"] .picture-title`)
    await eventually(20_000, 'two are left', async () => (await mine.allTextContents()).join() === 'Gone,Away')
    expect((await weir.ok<{ items: Image[] }>('GET', `/api/streams/${key}/images`)).items).toHaveLength(1)
    await page.getByRole('button', { name: 'Empty the trash' }).click()
    const dialog = page.getByRole('dialog', { name: /^Delete \d+ pictures for ever\?$/ })
    expect(await dialog.getByRole('button', { name: 'Keep them' }).evaluate((it) => it.matches(':focus'))).toBe(true)
    expect(await axeFaults(page, 'dialog[open]')).toEqual([])
    await dialog.getByRole('button', { name: 'Delete for ever' }).click()
    await page.getByRole('heading', { name: 'The trash is empty' }).waitFor()
    const left = await weir.ok<{ items: Image[] }>('GET', `/api/streams/${key}/images?trash=true`)
    expect(left.items).toEqual([])
  })

  test('a whole stream comes back out of the trash, with its pictures, and one is on its page', async () => {
    const key = await acts.makeStream({ title: 'Taken away' })
    await acts.upload(key, 'Along with it')
    await weir.call('DELETE', `/api/streams/${key}`)
    await using visitor = await visit(weir)
    const { page } = visitor
    await open(page, '/streams')
    await page.getByRole('link', { name: 'Trash' }).click()
    await page.getByRole('heading', { name: 'Streams', level: 2 }).waitFor()
    await page.getByRole('button', { name: 'Put Taken away back' }).click()
    await page.getByRole('heading', { name: 'Taken away', level: 1 }).waitFor()
    await hasTitles(page, 'Along with it')
  })
})

test('strangers without JavaScript see what is public, turn it over by links, and learn nothing of the rest', async () => {
  const key = await acts.makeStream({ teasers: true, allow_download: true })
  await acts.upload(key, 'Open one')
  await acts.upload(key, 'Open two')
  const secret = await acts.upload(key, 'Secret', 'private')
  const paid = await acts.upload(key, 'Paid', 'subscribers')
  await using visitor = await visit(weir, { signedIn: false, script: false })
  visitor.expectTrouble(/404/)
  const { page } = visitor
  await page.goto(gallery(key))
  expect(await titles(page)).toEqual(['Open two', 'Open one'])
  expect(await page.locator('.picture-lock').count()).toBe(1)
  await page.getByRole('heading', { name: '2 pictures, 1 more for subscribers' }).waitFor()
  const html = await page.locator('body').innerHTML()
  for (const word of ['Secret', 'Paid', secret.id, paid.id, 'bulkbar', 'upload-form']) expect(html).not.toContain(word)
  await card(page, 'Open two').locator('a').click()
  expect(await page.locator('h1').textContent()).toBe('Open two')
  expect(
    await page
      .locator('.lightbox-figure img')
      .evaluate((it) => (it as unknown as { naturalWidth: number }).naturalWidth),
  ).toBeGreaterThan(0)
  await page.getByRole('link', { name: 'Next picture' }).click()
  expect(await page.locator('h1').textContent()).toBe('Open one')
  expect(await page.getByRole('link', { name: 'Download' }).count()).toBe(1)
  expect(await page.getByRole('link', { name: 'Original' }).count()).toBe(0)
  for (const { id } of [secret, paid]) expect((await page.goto(`${gallery(key)}/${id}`))?.status()).toBe(404)
  // Among the pictures of all streams there are those that may be seen, and no others.
  await page.goto('/')
  await page.getByRole('link', { name: 'All pictures' }).click()
  await page.getByLabel('Search in titles').fill('Open two')
  await page.getByRole('button', { name: 'Show' }).click()
  expect(await titles(page)).toEqual(['Open two'])
  for (const word of ['Secret', 'Paid']) {
    await page.goto(`/browse?q=${word}`)
    await page.getByRole('heading', { name: 'No picture fits' }).waitFor()
  }
  const hidden = await acts.makeStream({ visibility: 'private' })
  expect((await page.goto(gallery(hidden)))?.status()).toBe(404)
})

test('for everybody, day and night, at every size: gallery, lightbox and trash', async () => {
  const key = await acts.makeStream({ teasers: true })
  for (const title of ['A', 'B', 'C']) await acts.upload(key, title, title === 'B' ? 'private' : 'public')
  const { id } = await acts.upload(key, 'Old')
  await weir.call('DELETE', `/api/images/${id}`)
  await using visitor = await visit(weir)
  const { page } = visitor
  await open(page, gallery(key))
  await tick(page, 'A').check()
  await expectGoodForAll(page)
  for (const size of Object.values(SIZES)) {
    await page.setViewportSize(size)
    await open(page, `/streams/${key}`)
    expect([size.width, await overflowPx(page)]).toEqual([size.width, 0])
  }
  await open(page, gallery(key))
  await card(page, 'A').locator('a').click()
  await shownPicture(page).waitFor()
  await expectGoodForAll(page, 'lightbox', 'dialog[open]')
  await open(page, '/trash')
  await expectGoodForAll(page)
  await acts.upload(key, 'Found by its words')
  await open(page, '/browse')
  await page.locator('#picture-search').fill('words found')
  await hasTitles(page, 'Found by its words')
  expect(new URL(page.url()).search).toBe('?q=words+found')
  await expectGoodForAll(page, 'browse')
  await card(page, 'Found by its words').locator('.picture-frame').click()
  await shownPicture(page).waitFor()
})
