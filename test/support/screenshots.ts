/**
 * Takes the pictures of the pages in docs/screenshots, from a house with real feeds on this machine; with a directory,
 * pictures of every page there, in both themes, wide and narrow, to be looked at.
 *
 *   bun run screenshots [directory]
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { sharedBrowser, type VisitOptions, visit } from './browser.ts'
import { pictureSeen, upToDate } from './page-acts.ts'
import { drawn, openShowcase } from './showcase.ts'
import { eventually } from './waiting.ts'
import { ROOT, startWeir, TEST_KEY, type Weir } from './weir.ts'

/** Seconds of flow, so that the lines show something. */
const FLOW_SECONDS = 40

/** What the documents show. */
const KEPT = [
  ...['dashboard-light', 'dashboard-dark', 'dashboard-light-phone', 'input-light', 'output-form-light'],
  ...['stream-light', 'gallery-light', 'lightbox-light', 'system-light', 'sign-in-light'],
]

const STREAM = '/streams/friday'

type Shot = { path: string; open?(page: Page): Promise<unknown>; whole?: true; signedIn?: false; of?: 'empty' }

const SHOTS: Record<string, Shot> = {
  'dashboard-empty': { path: '/', of: 'empty' },
  dashboard: { path: '/', open: allPictures },
  input: { path: '/inputs/1', open: allPictures, whole: true },
  log: {
    path: '/inputs/1',
    async open(page) {
      await page.getByRole('button', { name: 'Log of Studio' }).click()
      await page.locator('.drawer:visible .log li').first().waitFor()
      await page.locator('.outputs-box').scrollIntoViewIfNeeded()
    },
  },
  'output-form': {
    path: '/inputs/1',
    async open(page) {
      await page.getByRole('link', { name: 'Add output' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Add output' }).waitFor()
    },
  },
  'input-form': {
    path: '/',
    async open(page) {
      await page.getByRole('link', { name: 'Add input' }).first().click()
      await page.getByRole('dialog').getByRole('button', { name: 'Add input' }).waitFor()
    },
  },
  system: { path: '/system', whole: true },
  streams: { path: '/streams' },
  stream: { path: STREAM, open: picturesShown, whole: true },
  gallery: { path: `${STREAM}/gallery`, open: picturesShown },
  lightbox: {
    path: `${STREAM}/gallery`,
    async open(page) {
      await page.locator('.picture a').nth(1).click()
      await page.locator('dialog.lightbox[open]').waitFor()
      await pictureSeen(page.locator('.lightbox-figure img'))
    },
  },
  browse: { path: '/browse', open: picturesShown },
  trash: { path: '/trash' },
  people: { path: '/users' },
  account: { path: '/account' },
  audit: { path: '/audit' },
  'sign-in': { path: '/login', signedIn: false },
  'not-found': { path: '/nowhere' },
}

async function allPictures(page: Page): Promise<void> {
  for (const still of await page.locator('article[data-state="active"] .still, .feed-now .still').all()) {
    await still.scrollIntoViewIfNeeded()
    await pictureSeen(still.locator('img'))
  }
  await page.locator('h1').scrollIntoViewIfNeeded()
}

async function picturesShown(page: Page): Promise<void> {
  for (const image of await page.locator('.picture img').all()) {
    await image.scrollIntoViewIfNeeded()
    await pictureSeen(image)
  }
  await page.locator('h1').scrollIntoViewIfNeeded()
}

/** A stream of the first input with pictures of every visibility, and people; an administrator would end the sign-in by key. */
async function openStream(weir: Weir): Promise<void> {
  const title = 'Friday night at St Mark’s'
  const stream = {
    key: 'friday',
    title,
    description: 'Four bands, from seven. Doors open at six.',
    visibility: 'public',
  }
  await weir.ok('POST', '/api/streams', { ...stream, input_id: 1, teasers: true })
  for (const [name, visibility, [type, colours, seed]] of [
    ['Doors', 'public', ['linear', '0b1d33 1c4e80 7fb7e6 f2d0a4', 3]],
    ['First song', 'public', ['circular', '0d0221 541388 d90368 ffd400', 5]],
    ['The organ', 'subscribers', ['radial', 'ffe8b0 d99a2b 6b3a0e 1d0f04', 11]],
    ['Chorus', 'public', ['spiral', '03071e 6a040f dc2f02 ffba08', 4]],
    ['From the gallery', 'private', ['circular', '001219 005f73 0a9396 e9d8a6', 8]],
    ['Last song', 'public', ['circular', '10002b 5a189a ff6d8d ffd6a5', 13]],
  ] as const) {
    const drawing = drawn(type, colours, { seed, size: '1280x720' })
    const draw = ['-f', 'lavfi', '-i', drawing, '-frames:v', '1', '-f', 'image2pipe', '-c:v', 'png', 'pipe:1']
    const png = await new Response(Bun.spawn(['ffmpeg', '-v', 'error', ...draw]).stdout).arrayBuffer()
    const answer = await fetch(
      `${weir.url}/api/streams/friday/images?${new URLSearchParams({ title: name, visibility })}`,
      { method: 'POST', headers: { authorization: `Bearer ${TEST_KEY}`, 'content-type': 'image/png' }, body: png },
    )
    if (answer.status !== 201) throw new Error(`the upload answered ${answer.status}: ${await answer.text()}`)
  }
  for (const [name, role] of [
    ['Ines Duarte', 'operator'],
    ['Tom Becker', 'editor'],
    ['Ruth Halloran', 'viewer'],
  ] as const)
    await weir.ok('POST', '/api/users', { email: `${name.split(' ')[0]?.toLowerCase()}@example.org`, name, role })
}

async function take(weir: Weir, shot: Shot, file: string, o: Pick<VisitOptions, 'size' | 'theme'>): Promise<void> {
  await using visitor = await visit(weir, { ...o, signedIn: shot.signedIn ?? true })
  visitor.expectTrouble(/404/)
  const { page } = visitor
  await page.goto(shot.path)
  if (shot.signedIn !== false && (await page.locator('#link').count()) > 0) await upToDate(page)
  await shot.open?.(page)
  const png = await page.screenshot({ fullPage: shot.whole === true && o.size === 'desktop', animations: 'disabled' })
  await writeSmall(png, file)
}

/** With a palette of its own a picture is half the size, and flat colours lose nothing by it. */
async function writeSmall(png: Buffer, file: string): Promise<void> {
  const palette = 'split[a][b];[a]palettegen=max_colors=256:stats_mode=full[p];[b][p]paletteuse=dither=sierra2_4a'
  const to = ['-vf', palette, '-compression_level', '100', '-pred', 'mixed', file]
  const child = Bun.spawn(['ffmpeg', '-v', 'error', '-y', '-f', 'png_pipe', '-i', 'pipe:0', ...to], { stdin: png })
  if ((await child.exited) !== 0) throw new Error(`ffmpeg could not write ${file}`)
}

const isAll = process.argv[2] !== undefined
const dir = process.argv[2] ?? join(ROOT, 'docs/screenshots')
mkdirSync(dir, { recursive: true })
await using empty = await startWeir()
await using full = await startWeir()
await using _showcase = await openShowcase(full, { drawn: true })
await openStream(full)
await eventually(5 * FLOW_SECONDS * 1000, 'the lines show something', async () => {
  const history = await full.ok<{ bitrate_kbps: (number | null)[] }>('GET', '/api/inputs/1/history')
  return history.bitrate_kbps.filter((kbps) => kbps !== null).length >= FLOW_SECONDS
})
for (const [page, shot] of Object.entries(SHOTS))
  for (const theme of ['light', 'dark'] as const)
    for (const size of ['desktop', 'phone'] as const) {
      const name = `${page}-${theme}${size === 'phone' ? '-phone' : ''}`
      if (!isAll && !KEPT.includes(name)) continue
      await take(shot.of === 'empty' ? empty : full, shot, join(dir, `${name}.png`), { size, theme })
      console.log(name)
    }
await (await sharedBrowser()).close()
