import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import axe, { type AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { SIZES, visit } from '../support/browser.ts'
import sharp from 'sharp'
import { overflowPx, upToDate } from '../support/page-acts.ts'
import { eventually } from '../support/waiting.ts'
import { startWeir, TEST_KEY, type Weir } from '../support/weir.ts'

type Image = { id: string; title: string; visibility: string; view_count: number; tags: string[]; alt: string }

let weir: Weir
beforeAll(async () => {
  weir = await startWeir()
})
afterAll(() => weir[Symbol.asyncDispose]())

let made = 0
/** A stream of its own for each test. */
async function makeStream(more: Record<string, unknown> = {}): Promise<string> {
  const key = `show-${++made}`
  await weir.ok('POST', '/api/streams', { key, title: `Show ${made}`, visibility: 'public', ...more })
  return key
}

let colour = 0
/** No two alike, for a picture is stored once. */
function jpeg(): Promise<Buffer> {
  colour += 23
  const background = { r: colour % 256, g: (colour * 7) % 256, b: Math.floor(colour / 256) }
  return sharp({ create: { width: 960, height: 640, channels: 3, background } })
    .jpeg()
    .toBuffer()
}

async function upload(key: string, title: string, visibility = 'public'): Promise<Image> {
  const answer = await fetch(`${weir.url}/api/streams/${key}/images?${new URLSearchParams({ title, visibility })}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TEST_KEY}`, 'content-type': 'image/jpeg' },
    body: await jpeg(),
  })
  if (answer.status !== 201) throw new Error(`the upload answered ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as Image
}

const image = (id: string) => weir.ok<Image>('GET', `/api/images/${id}`)
const gallery = (key: string) => `/streams/${key}/gallery`
const asFile = async (name: string) => ({ name, mimeType: 'image/jpeg', buffer: await jpeg() })
const titles = (page: Page) => page.locator('.picture-title').allTextContents()
const hasTitles = (page: Page, ...wanted: string[]) =>
  eventually(20_000, `titles ${wanted}`, async () => (await titles(page)).join() === wanted.join())
const hasTitlesInAnyOrder = (page: Page, ...wanted: string[]) =>
  eventually(20_000, `titles ${wanted}`, async () => (await titles(page)).sort().join() === wanted.join())
const card = (page: Page, name: string) =>
  page.locator('.picture', { has: page.getByRole('heading', { name, exact: true }) })
const tick = (page: Page, title: string) => page.getByLabel(`Select ${title}`)
const shownPicture = (page: Page) => page.locator('#picture-title')

async function open(page: Page, path: string): Promise<void> {
  await page.goto(path)
  await upToDate(page)
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const { violations } = (await page.evaluate(() =>
    (globalThis as unknown as { axe: { run(): Promise<unknown> } }).axe.run(),
  )) as AxeResults
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`)
}

describe('uploading', () => {
  test('several files at once, each with its progress; a refused one says why and loses none of the others', async () => {
    const key = await makeStream({ default_visibility: 'subscribers' })
    await using visitor = await visit(weir)
    visitor.expectTrouble(/415/)
    const { page } = visitor
    await open(page, gallery(key))
    expect(await page.getByRole('heading', { name: 'No pictures yet' }).isVisible()).toBe(true)
    const files = await Promise.all(['one.jpg', 'two.jpg', 'three.jpg', 'four.jpg'].map(asFile))
    const drawing = {
      name: 'drawing.svg',
      mimeType: 'image/svg+xml',
      buffer: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
    }
    await page.locator('#upload').setInputFiles([files[0]!, drawing, ...files.slice(1)])
    await page.locator('#uploads > li[data-tone="ok"]').nth(3).waitFor()
    const refused = page.locator('#uploads > li[data-tone="bad"]')
    await refused.waitFor()
    expect(await refused.textContent()).toContain('drawing.svg')
    expect(await refused.locator('.what').textContent()).toMatch(/Not taken: .*SVG/)
    expect(await page.locator('#uploads-note').textContent()).toBe('4 done, 1 refused')
    await eventually(20_000, 'four pictures', async () => (await titles(page)).length === 4)
    const { items } = await weir.ok<{ items: Image[] }>('GET', `/api/streams/${key}/images`)
    expect(items.map(({ visibility }) => visibility)).toEqual(Array(4).fill('subscribers'))
    await page.getByLabel('Remove drawing.svg from the list').click()
    expect(await page.locator('#uploads > li').count()).toBe(4)
  })

  test('at most three at a time; what waits can be taken back, and what runs too', async () => {
    const key = await makeStream()
    await using visitor = await visit(weir)
    const { page } = visitor
    await open(page, gallery(key))
    const held: (() => void)[] = []
    await page.route('**/api/streams/*/images?*', async (route) => {
      await new Promise<void>((resolve) => held.push(resolve))
      await route.continue().catch(() => undefined)
    })
    const names = ['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg', 'e.jpg']
    await page.locator('#upload').setInputFiles(await Promise.all(names.map(asFile)))
    await eventually(20_000, 'three have begun', () => held.length === 3)
    expect(await page.locator('#uploads > li[data-tone="busy"]').count()).toBe(3)
    expect(await page.locator('#uploads > li', { hasText: 'Waits' }).count()).toBe(2)
    await page.getByLabel('Cancel e.jpg').click()
    await page.getByLabel('Cancel a.jpg').click()
    await eventually(20_000, 'the next has begun', () => held.length === 4)
    for (const go of held) go()
    await page.locator('#uploads > li[data-tone="ok"]').nth(2).waitFor()
    await hasTitlesInAnyOrder(page, 'b.jpg', 'c.jpg', 'd.jpg')
  })

  test('a lost connection says so, and trying again helps', async () => {
    const key = await makeStream()
    await using visitor = await visit(weir)
    visitor.expectTrouble(/ERR_CONNECTION|ERR_FAILED/)
    const { page } = visitor
    await open(page, gallery(key))
    await page.route('**/api/streams/*/images?*', (route) => route.abort('connectionreset'), { times: 1 })
    await page.locator('#upload').setInputFiles(await asFile('again.jpg'))
    const line = page.locator('#uploads > li')
    await line.and(page.locator('[data-tone="bad"]')).waitFor()
    expect(await line.locator('.what').textContent()).toBe('Not taken: The connection was lost.')
    await page.getByLabel('Try again.jpg again').click()
    await hasTitles(page, 'again.jpg')
  })

  test('files dropped anywhere and pictures pasted are taken; the same one twice is stored once', async () => {
    const key = await makeStream()
    await using visitor = await visit(weir)
    const { page } = visitor
    await open(page, gallery(key))
    const bytes = [...(await jpeg())]
    const give = (type: 'drop' | 'paste') =>
      page.evaluate(
        ([bytes, type]) => {
          const doc = (globalThis as unknown as { document: { body: EventTarget } }).document
          const data = new (
            globalThis as unknown as { DataTransfer: new () => { items: { add(file: File): void } } }
          ).DataTransfer()
          data.items.add(new File([new Uint8Array(bytes as number[])], `${type}.jpg`, { type: 'image/jpeg' }))
          const init = { bubbles: true, cancelable: true, dataTransfer: data, clipboardData: data }
          const kinds = globalThis as unknown as Record<string, new (type: string, init: object) => Event>
          const Kind = type === 'drop' ? kinds['DragEvent'] : kinds['ClipboardEvent']
          if (Kind) doc.body.dispatchEvent(new Kind(type as string, init))
        },
        [bytes, type] as const,
      )
    await give('drop')
    await hasTitles(page, 'drop.jpg')
    await give('paste')
    await page.getByText('Already here, nothing stored twice').waitFor()
    await hasTitles(page, 'drop.jpg')
  })

  test('without JavaScript a plain form takes files and comes back', async () => {
    const key = await makeStream()
    await using visitor = await visit(weir, { script: false })
    const { page } = visitor
    await page.goto(gallery(key))
    await page.locator('#upload').setInputFiles(await Promise.all(['plain.jpg', 'plain-2.jpg'].map(asFile)))
    await page.locator('#upload-form').getByRole('radio', { name: 'Subscribers' }).check()
    await page.getByRole('button', { name: 'Upload', exact: true }).click()
    await page.waitForURL(`**/streams/${key}`)
    expect((await titles(page)).sort()).toEqual(['plain-2.jpg', 'plain.jpg'])
  })
})

describe('the list', () => {
  test('visibility is changed on the card; filters, search and order show what fits; each is in the address', async () => {
    const key = await makeStream()
    const first = await upload(key, 'Organ')
    await upload(key, 'Choir', 'private')
    await upload(key, 'Altar', 'subscribers')
    await using visitor = await visit(weir)
    const { page } = visitor
    await open(page, gallery(key))
    await hasTitles(page, 'Altar', 'Choir', 'Organ')
    await page.getByLabel('Who may see Organ').selectOption('private')
    await eventually(20_000, 'it is private', async () => (await image(first.id)).visibility === 'private')
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
    const key = await makeStream()
    await using visitor = await visit(weir)
    const { page } = visitor
    await open(page, gallery(key))
    const one = await upload(key, 'Of somebody else')
    await hasTitles(page, 'Of somebody else')
    await upload(key, 'Second')
    await hasTitles(page, 'Second', 'Of somebody else')
    await weir.ok('PATCH', `/api/images/${one.id}`, { title: 'Renamed' })
    await hasTitles(page, 'Second', 'Renamed')
    await weir.call('DELETE', `/api/images/${one.id}`)
    await hasTitles(page, 'Second')
  })

  test('nothing moves while pictures load: each place is as large as what comes', async () => {
    const key = await makeStream()
    for (const title of ['A', 'B', 'C', 'D']) await upload(key, title)
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
    const key = await makeStream()
    const other = await makeStream({ title: 'The other one' })
    const all: Image[] = []
    for (const title of ['One', 'Two', 'Three', 'Four']) all.push(await upload(key, title))
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
    expect((await image(all[1]!.id)).visibility).toBe('private')
    expect((await image(all[0]!.id)).visibility).toBe('public')

    await tick(page, 'One').check()
    await bar.locator('#bulk-tag > summary').click()
    await bar.getByLabel('Tag').fill('concert, crowd')
    await page.keyboard.press('Enter')
    await eventually(20_000, 'it is tagged', async () => (await image(all[0]!.id)).tags.join() === 'concert,crowd')

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
    const key = await makeStream()
    for (const title of ['Keep', 'Away', 'Gone']) {
      const { id } = await upload(key, title)
      await weir.call('DELETE', `/api/images/${id}`)
    }
    await using visitor = await visit(weir)
    const { page } = visitor
    await open(page, '/trash')
    await page.getByRole('button', { name: 'Put Keep back' }).click()
    const mine = page.locator(`section[aria-labelledby="trash-${key}"] .picture-title`)
    await eventually(20_000, 'two are left', async () => (await mine.allTextContents()).join() === 'Gone,Away')
    expect((await weir.ok<{ items: Image[] }>('GET', `/api/streams/${key}/images`)).items).toHaveLength(1)
    await page.getByRole('button', { name: 'Empty the trash' }).click()
    const dialog = page.getByRole('dialog', { name: /^Delete \d+ pictures for ever\?$/ })
    expect(await dialog.getByRole('button', { name: 'Keep them' }).evaluate((it) => it.matches(':focus'))).toBe(true)
    expect(await violations(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Delete for ever' }).click()
    await page.getByRole('heading', { name: 'The trash is empty' }).waitFor()
    const left = await weir.ok<{ items: Image[] }>('GET', `/api/streams/${key}/images?trash=true`)
    expect(left.items).toEqual([])
  })
})

describe('the lightbox', () => {
  test('keys turn, enlarge and close; focus stays inside and returns; each look is counted', async () => {
    const key = await makeStream()
    const a = await upload(key, 'A')
    await upload(key, 'B')
    await upload(key, 'C')
    await using visitor = await visit(weir)
    const { page } = visitor
    await open(page, gallery(key))
    const link = card(page, 'B').locator('a')
    await link.focus()
    await page.keyboard.press('Enter')
    const title = shownPicture(page)
    await title.waitFor()
    const shows = (wanted: string) => eventually(20_000, wanted, async () => (await title.textContent()) === wanted)
    await shows('B')
    for (const [pressed, wanted] of [
      ['ArrowRight', 'A'],
      ['ArrowLeft', 'B'],
      ['Home', 'C'],
      ['End', 'A'],
    ] as const) {
      await page.keyboard.press(pressed)
      await shows(wanted)
    }
    await page.keyboard.press('ArrowRight')
    await shows('A')
    await page.keyboard.press('+')
    expect(await page.locator('.lightbox-figure.is-large').count()).toBe(1)
    await page.keyboard.press('-')
    expect(await page.locator('.lightbox-figure.is-large').count()).toBe(0)
    for (let i = 0; i < 40; i++) {
      await page.keyboard.press('Tab')
      const isInside = await page.evaluate(() => {
        const { activeElement, body } = (
          globalThis as unknown as {
            document: { activeElement: { closest(s: string): unknown } | null; body: unknown }
          }
        ).document
        return activeElement === body || activeElement?.closest('dialog.lightbox') != null
      })
      expect(isInside).toBe(true)
    }
    await page.keyboard.press('Escape')
    await page.locator('dialog.lightbox').waitFor({ state: 'detached' })
    expect(await link.evaluate((it) => it.matches(':focus'))).toBe(true)
    await eventually(20_000, 'two looks at A', async () => (await image(a.id)).view_count === 2)
  })

  test('what is said about a picture is changed in place, and what was refused stays typed', async () => {
    const key = await makeStream()
    const { id } = await upload(key, 'Before')
    await upload(key, 'Other')
    await using visitor = await visit(weir)
    visitor.expectTrouble(/422/)
    const { page } = visitor
    await open(page, gallery(key))
    await card(page, 'Before').locator('a').click()
    const form = page.locator('form[data-edit]')
    await form.getByLabel('Title').fill('After')
    await form.getByLabel('Alt text').fill('A church')
    await form.getByLabel('Tags').fill('x'.repeat(60))
    await form.getByRole('button', { name: 'Save' }).click()
    await form.getByText('At most 50 characters.').waitFor()
    await form.getByLabel('Tags').fill('night, choir')
    await form.getByRole('radio', { name: 'Private' }).check()
    await form.getByRole('button', { name: 'Save' }).click()
    await form.getByText('Saved').waitFor()
    expect(await image(id)).toMatchObject({
      title: 'After',
      alt: 'A church',
      tags: ['night', 'choir'],
      visibility: 'private',
    })
    await page.getByRole('button', { name: 'Link that ends' }).click()
    const link = page.locator('[data-signed-link-place] code')
    await link.waitFor()
    expect((await fetch((await link.textContent()) ?? '')).status).toBe(200)
    // What was typed for one is not there for the next.
    await form.getByLabel('Title').fill('Never saved')
    await page.getByRole('link', { name: 'Previous picture' }).click()
    await eventually(20_000, 'the other', async () => (await shownPicture(page).textContent()) === 'Other')
    expect(await form.getByLabel('Title').inputValue()).toBe('Other')
    await page.locator('#picture-title').focus()
    await page.keyboard.press('Delete')
    await eventually(20_000, 'the next', async () => (await shownPicture(page).textContent()) === 'After')
    await page.keyboard.press('Escape')
    await hasTitles(page, 'After')
  })

  test('a finger turns the page', async () => {
    const key = await makeStream()
    await upload(key, 'A')
    await upload(key, 'B')
    await using visitor = await visit(weir, { size: 'phone' })
    const { page } = visitor
    await open(page, gallery(key))
    await card(page, 'B').locator('a').click()
    await shownPicture(page).waitFor()
    const swipe = (from: number, to: number) =>
      page.locator('.lightbox-stage').evaluate(
        (stage, [from, to]) => {
          const TouchOf = (globalThis as unknown as { Touch: new (init: object) => object }).Touch
          const EventOf = (globalThis as unknown as { TouchEvent: new (type: string, init: object) => Event })
            .TouchEvent
          const at = (clientX: number | undefined) => [
            new TouchOf({ identifier: 1, target: stage, clientX, clientY: 300 }),
          ]
          const target = stage as unknown as EventTarget
          target.dispatchEvent(
            new EventOf('touchstart', { bubbles: true, touches: at(from), changedTouches: at(from) }),
          )
          target.dispatchEvent(new EventOf('touchend', { bubbles: true, touches: [], changedTouches: at(to) }))
        },
        [from, to],
      )
    await swipe(300, 60)
    await eventually(20_000, 'A', async () => (await shownPicture(page).textContent()) === 'A')
    await swipe(60, 300)
    await eventually(20_000, 'B', async () => (await shownPicture(page).textContent()) === 'B')
  })
})

test('strangers without JavaScript see what is public, turn it over by links, and learn nothing of the rest', async () => {
  const key = await makeStream({ teasers: true, allow_download: true })
  await upload(key, 'Open one')
  await upload(key, 'Open two')
  const secret = await upload(key, 'Secret', 'private')
  const paid = await upload(key, 'Paid', 'subscribers')
  await using visitor = await visit(weir, { signedIn: false, script: false })
  visitor.expectTrouble(/404/)
  const { page } = visitor
  await page.goto(gallery(key))
  expect(await titles(page)).toEqual(['Open two', 'Open one'])
  expect(await page.getByText('For subscribers').count()).toBe(1)
  const html = await page.content()
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
  const hidden = await makeStream({ visibility: 'private' })
  expect((await page.goto(gallery(hidden)))?.status()).toBe(404)
})

test.each(['light', 'dark'] as const)('for everybody, %s: gallery, lightbox and trash', async (theme) => {
  const key = await makeStream({ teasers: true })
  for (const title of ['A', 'B', 'C']) await upload(key, title, title === 'B' ? 'private' : 'public')
  const { id } = await upload(key, 'Old')
  await weir.call('DELETE', `/api/images/${id}`)
  await using visitor = await visit(weir, { theme, bypassCsp: true })
  const { page } = visitor
  await open(page, gallery(key))
  await tick(page, 'A').check()
  expect(await violations(page)).toEqual([])
  for (const size of Object.values(SIZES)) {
    await page.setViewportSize(size)
    for (const path of [gallery(key), `/streams/${key}`, '/trash']) {
      await open(page, path)
      expect([path, size.width, await overflowPx(page)]).toEqual([path, size.width, 0])
    }
    await open(page, gallery(key))
    await card(page, 'A').locator('a').click()
    await shownPicture(page).waitFor()
    expect([size.width, await overflowPx(page)]).toEqual([size.width, 0])
    expect(await violations(page)).toEqual([])
  }
  await open(page, '/trash')
  expect(await violations(page)).toEqual([])
})
