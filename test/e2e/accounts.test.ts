import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import decodeQR from 'qr/decode.js'
import sharp from 'sharp'
import { expectGoodForAll } from '../support/axe.ts'
import { type Visit, type VisitOptions, visit } from '../support/browser.ts'
import { type Caller, makePerson, PASSWORD, signInAs } from '../support/people.ts'
import { eventually } from '../support/waiting.ts'
import { startWeir, type Weir } from '../support/weir.ts'
import { toStep, totpAt } from '../../src/users/totp.ts'

const EMAIL = 'ruth@example.org'
let weir: Weir
let viewer: Caller & { id: number }
let operator: Caller
let administrator: Caller
beforeAll(async () => {
  weir = await startWeir({ env: { ADMIN_EMAIL: EMAIL, ADMIN_PASSWORD: PASSWORD } })
  const input = await weir.createInput({ name: 'Main stage', kind: 'rtmp', enabled: false })
  await weir.createOutput(input.id, { name: 'Hall', url: 'udp://127.0.0.1:9', enabled: false })
  await weir.createInput({ name: 'Side stage', kind: 'rtmp', enabled: false })
  viewer = await makePerson(weir, 'viewer')
  operator = await makePerson(weir, 'operator')
  administrator = await signInAs(weir, EMAIL)
})
afterAll(() => weir[Symbol.asyncDispose]())

/** A browser that holds the session of somebody. */
async function visitAs(caller: Caller, o: VisitOptions = {}): Promise<Visit> {
  const visitor = await visit(weir, { ...o, signedIn: false })
  const [name = '', value = ''] = (caller.headers['cookie'] ?? '').split('=')
  await visitor.context.addCookies([{ name, value, url: weir.url, httpOnly: true }])
  return visitor
}

async function enter(page: Page, email = EMAIL, password = PASSWORD, code?: string): Promise<void> {
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password').fill(password)
  if (code) await page.getByLabel('Code').fill(code)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

test.each([true, false])('a new server, set up by its link, script: %p', async (script) => {
  await using fresh = await startWeir({ env: { API_KEY: '' } })
  const link = new URL(/\S+\/login\?token=\S+/.exec(fresh.lines.join('\n'))?.[0] ?? '')
  await using visitor = await visit(fresh, { script, signedIn: false })
  const { page } = visitor
  visitor.expectTrouble(/422/)
  await page.goto('/')
  await page.getByRole('heading', { level: 1, name: 'Make it yours' }).waitFor()
  await page.getByLabel('Setup token').waitFor()
  // Looking spends nothing.
  await page.goto(link.pathname + link.search)
  await page.goto(link.pathname + link.search)
  await page.getByLabel('Your name').fill('Ruth')
  await page.getByLabel('E-mail').fill(EMAIL)
  await page.getByLabel('Password').fill('tuesday')
  await page.getByRole('button', { name: 'Create administrator' }).click()
  await page.getByText('At least 12 characters. A few words make a good one.').first().waitFor()
  expect(await page.getByLabel('E-mail').inputValue()).toBe(EMAIL)
  expect(await page.content()).not.toContain('tuesday')
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Create administrator' }).click()
  await page.getByRole('heading', { level: 1, name: 'Nothing flows yet' }).waitFor()
  await page.getByRole('link', { name: 'Ruth' }).waitFor()
})

test('sign in without JavaScript; what a keeper of passwords needs is there', async () => {
  await using visitor = await visit(weir, { script: false, signedIn: false })
  const { page } = visitor
  await page.goto('/users')
  expect(new URL(page.url()).pathname).toBe('/login')
  const fields = await page
    .locator('input:not([type=hidden])')
    .evaluateAll((inputs) =>
      inputs.map((input) => [input.getAttribute('name'), input.getAttribute('autocomplete')].join(' ')),
    )
  expect(fields).toEqual(['email username', 'password current-password', 'code one-time-code'])
  await enter(page, EMAIL, 'not the password')
  await page.getByText('That did not match').waitFor()
  await enter(page)
  await page.getByRole('heading', { level: 1, name: 'People' }).waitFor()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor()
})

test('after sign-out the Back button shows nothing of what was there', async () => {
  await using visitor = await visitAs(await makePerson(weir, 'operator', 'leaving'))
  const { page } = visitor
  await page.goto('/')
  await page.getByRole('link', { name: 'Main stage' }).first().click()
  await page.getByRole('heading', { level: 1, name: 'Main stage' }).waitFor()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor()
  for (let i = 0; i < 2; i++) {
    await page.goBack()
    await page.waitForURL('**/login**')
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor()
    expect(await page.content()).not.toContain('Main stage')
  }
})

describe('what one may not do is not shown', () => {
  const ACTS = 'button:visible, a:visible'
  const names = (page: Page) =>
    page.locator(ACTS).evaluateAll((acts) => acts.map((act) => (act.textContent ?? '').replace(/\s+/g, ' ').trim()))

  test.each(['/', '/inputs/1', '/inputs/2'])('a viewer on %s', async (path) => {
    await using visitor = await visitAs(viewer)
    const { page } = visitor
    await page.goto(path)
    await page.locator('#link[data-tone="ok"]').waitFor()
    const shown = (await names(page)).join('\n')
    expect(shown).not.toMatch(
      /\b(Start|Stop|Restart|Add|Edit|Delete|Duplicate|Log|Check|New key|System|All health|People|Audit)\b/,
    )
    expect(await page.getByText('Add the first place').isVisible()).toBe(false)
    expect(await page.content()).not.toMatch(/rtmp:\/\/[^"<]*\/live/)
  })

  test('an operator has the acts, and no people', async () => {
    await using visitor = await visitAs(operator)
    const { page } = visitor
    await page.goto('/inputs/1')
    await page.getByRole('button', { name: 'Start Hall' }).waitFor()
    await page.getByRole('link', { name: 'System' }).waitFor()
    expect(await page.getByRole('link', { name: 'People' }).count()).toBe(0)
  })

  test('the server refuses it all the same, in words', async () => {
    await using visitor = await visitAs(viewer)
    const { page } = visitor
    visitor.expectTrouble(/403/)
    await page.goto('/users')
    await page.getByText('Your role or your key does not allow this.').waitFor()
    expect((await names(page)).join('\n')).not.toContain('System')
  })
})

test('a person is invited, comes in, is made less, and what they have open ends', async () => {
  await using admin = await visit(weir, { signedIn: false })
  await admin.page.goto('/users')
  await enter(admin.page)
  await admin.page.getByText('Invite someone').click()
  const form = admin.page.locator('form[action="/api/users"]')
  await form.getByLabel('Name').fill('Ines <b>Duarte</b>')
  await form.getByLabel('E-mail').fill('ines@example.org')
  await form.getByRole('button', { name: 'Make an invitation' }).click()
  const link = new URL((await admin.page.locator('.copy code').textContent()) ?? '')

  await using guest = await visit(weir, { signedIn: false })
  guest.expectTrouble(/401|410/)
  await guest.page.goto(link.pathname)
  await guest.page.getByLabel('Password').fill(PASSWORD)
  await guest.page.getByRole('button', { name: 'Set password' }).click()
  await guest.page.getByRole('link', { name: 'Ines <b>Duarte</b>' }).waitFor()
  await guest.page.locator('#link[data-tone="ok"]').waitFor()

  await admin.page.goto('/users')
  await admin.page.getByRole('link', { name: 'Change Ines' }).click()
  await admin.page.getByLabel('May sign in').selectOption('disabled')
  await admin.page.getByRole('button', { name: 'Save' }).click()
  await admin.page.getByText('Shut out').waitFor()
  await guest.page.locator('#link').getByRole('link', { name: 'Sign in' }).waitFor()
  await guest.page.goto(link.pathname)
  await guest.page.getByRole('heading', { level: 1, name: 'This link is used up' }).waitFor()

  await admin.page.getByRole('link', { name: 'Change Ines' }).click()
  await admin.page.getByRole('button', { name: 'Delete Ines' }).click()
  await admin.page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click()
  await admin.page.waitForURL('**/users')
  expect(await admin.page.getByText('ines@example.org').count()).toBe(0)
})

test('two-factor sign-in, from the account to the next sign-in', async () => {
  const person = await makePerson(weir, 'operator', 'double')
  await using visitor = await visitAs(person)
  const { page } = visitor
  await page.goto('/account')
  const card = page.locator('section', { has: page.getByRole('heading', { name: 'Two-factor sign-in' }) })
  await card.getByLabel('Password').fill(PASSWORD)
  await card.getByRole('button', { name: 'Set up' }).click()
  const secret = (await page.locator('.copy code').textContent())?.trim() ?? ''
  const otpauth = await page.getByRole('link', { name: 'Open in an app on this device' }).getAttribute('href')
  expect(otpauth).toContain(`secret=${secret}`)
  const picture = sharp(await page.getByRole('img', { name: 'The secret as a picture for the app' }).screenshot())
  const { data, info } = await picture.ensureAlpha().raw().toBuffer({ resolveWithObject: true })
  expect(decodeQR({ width: info.width, height: info.height, data })).toBe(otpauth ?? '')
  await page.getByLabel('Code').fill(totpAt(secret, toStep(Date.now())))
  await page.getByRole('button', { name: 'Turn on' }).click()
  await page.getByRole('heading', { name: 'Recovery codes' }).waitFor()
  const [recovery = ''] = ((await page.locator('.copy code').textContent()) ?? '').trim().split(/\s+/)
  await page.getByRole('link', { name: 'I have copied it' }).click()
  await page.getByText('10 recovery codes are left').waitFor()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await enter(page, 'double@example.org')
  await page.getByText('That did not match').waitFor()
  await enter(page, 'double@example.org', PASSWORD, recovery)
  await page.getByRole('link', { name: 'Main stage' }).first().waitFor()
})

test('a key is shown once and taken back', async () => {
  const person = await makePerson(weir, 'operator', 'keyed')
  await using visitor = await visitAs(person)
  const { page } = visitor
  await page.goto('/account')
  await page.getByText('New API key').click()
  await page.getByLabel('What is it for').fill('Vision desk')
  await page.getByLabel('Operate:').check()
  await page.getByRole('button', { name: 'Make the key' }).click()
  const key = ((await page.locator('.copy code').textContent()) ?? '').trim()
  const statusNow = async () => (await fetch(`${weir.url}/api/inputs`, { headers: { 'x-api-key': key } })).status
  expect(await statusNow()).toBe(200)
  await page.getByRole('link', { name: 'I have copied it' }).click()
  expect(await page.content()).not.toContain(key)
  await page.getByRole('button', { name: 'Take back' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Take it back' }).click()
  await eventually(5000, 'the key is refused', async () => (await statusNow()) === 401)
  await page.getByText('No keys yet').waitFor()
})

test('without JavaScript: a key is taken back, a session ended, a person deleted', async () => {
  const person = await makePerson(weir, 'operator', 'plain')
  const elsewhere = await signInAs(weir, 'plain@example.org')
  await using visitor = await visitAs(person, { script: false })
  const { page } = visitor
  await page.goto('/account')
  await page.getByText('New API key').click()
  await page.getByLabel('What is it for').fill('Vision desk')
  await page.getByRole('button', { name: 'Make the key' }).click()
  await page.getByRole('link', { name: 'I have copied it' }).click()
  await page.locator('noscript').getByRole('link', { name: 'Take back' }).click()
  await page.getByText('Programs that use it are refused').waitFor()
  await page.getByRole('button', { name: 'Take it back' }).click()
  await page.getByText('No keys yet').waitFor()

  const statusOf = async ({ headers }: Caller) => (await fetch(`${weir.url}/api/me`, { headers })).status
  expect(await statusOf(elsewhere)).toBe(200)
  await page
    .getByRole('row', { name: /A program|Bun/ })
    .getByRole('button', { name: 'Sign out' })
    .click()
  await page.getByRole('heading', { level: 1, name: 'Your account' }).waitFor()
  expect([await statusOf(elsewhere), await statusOf(person)]).toEqual([401, 200])

  await using admin = await visitAs(administrator, { script: false })
  await admin.page.goto(`/users/${person.id}`)
  await admin.page
    .locator('noscript')
    .getByRole('link', { name: /^Delete/ })
    .click()
  await admin.page.getByRole('link', { name: 'Keep it' }).click()
  await admin.page
    .locator('noscript')
    .getByRole('link', { name: /^Delete/ })
    .click()
  await admin.page.getByRole('button', { name: 'Delete' }).click()
  await admin.page.waitForURL('**/users')
  expect(await admin.page.getByText('plain@example.org').count()).toBe(0)
  expect(await statusOf(person)).toBe(401)
})

test('the theme of the account comes along to another browser', async () => {
  await makePerson(weir, 'viewer', 'night')
  await using first = await visit(weir, { signedIn: false })
  await first.page.goto('/login?next=/account')
  await enter(first.page, 'night@example.org')
  await first.page.getByLabel('Theme', { exact: true }).selectOption('dark')
  await first.page.getByRole('button', { name: 'Save' }).click()
  await first.page.locator('html[data-theme="dark"]').waitFor()
  await using second = await visit(weir, { signedIn: false })
  await second.page.goto('/login')
  await enter(second.page, 'night@example.org')
  await second.page.locator('html[data-theme="dark"]').waitFor()
})

describe('for everybody, at every size', () => {
  test.each(['/account', '/users', '/users/1', '/users/1/delete', '/audit'])('%s', async (path) => {
    await using visitor = await visitAs(administrator)
    await visitor.page.goto(path)
    await visitor.page.locator('h1').waitFor()
    expect(new URL(visitor.page.url()).pathname).toBe(path)
    await expectGoodForAll(visitor.page)
  })

  test('/login and the page of an invitation', async () => {
    await using visitor = await visit(weir, { signedIn: false })
    const { link } = await weir.ok<{ link: string }>('POST', `/api/users/${viewer.id}/reset`)
    for (const path of ['/login', new URL(link).pathname]) {
      await visitor.page.goto(path)
      await visitor.page.getByLabel('Password').waitFor()
      await expectGoodForAll(visitor.page)
    }
  })
})
