import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import { visit } from '../support/browser.ts'
import { type Caller, callAs, makePerson, PASSWORD, signInAs } from '../support/people.ts'
import { startWeir, type Weir } from '../support/weir.ts'

const EMAIL = 'ruth@example.org'
let weir: Weir
let admin: Caller
beforeAll(async () => {
  weir = await startWeir({ env: { ADMIN_EMAIL: EMAIL, ADMIN_PASSWORD: PASSWORD } })
  admin = await signInAs(weir, EMAIL)
})
afterAll(() => weir[Symbol.asyncDispose]())

async function visitAsAdmin() {
  const visitor = await visit(weir, { signedIn: false })
  const [name = '', value = ''] = (admin.headers['cookie'] ?? '').split('=')
  await visitor.context.addCookies([{ name, value, url: weir.url, httpOnly: true, sameSite: 'Lax' }])
  return visitor
}

describe('a page of another site, in a real browser that is signed in here', () => {
  /** A site that posts a form to Weir as soon as it is opened, and one that tries by script. */
  function openEvilSite(hostname: string) {
    const target = `${weir.url}/api/inputs`
    const pages: Record<string, string> = {
      '/form': `<form id=f method=post action="${target}"><input name=name value="By form"><input name=kind value=test></form><script>f.submit()</script>`,
      '/script': `<script>Promise.allSettled([
        fetch('${target}', { method: 'POST', credentials: 'include', mode: 'no-cors', body: 'name=By+script&kind=test', headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
        fetch('${target}', { method: 'POST', credentials: 'include', body: '{"name":"By JSON"}', headers: { 'content-type': 'application/json' } }),
        fetch('${target}', { credentials: 'include' }).then((answer) => answer.text()).then((text) => { document.title = 'read ' + text }),
      ]).then(() => { document.body.dataset.done = 'yes' })</script><body>`,
      '/frame': `<iframe src="${weir.url}/" onload="document.body.dataset.done = 'yes'"></iframe>`,
    }
    const server = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      fetch: (request) =>
        new Response(pages[new URL(request.url).pathname] ?? '', { headers: { 'content-type': 'text/html' } }),
    })
    return { url: `http://${hostname}:${server.port}`, [Symbol.asyncDispose]: () => server.stop(true) }
  }

  // Another port of the same host is the same site for cookies; another name is another site.
  test.each(['127.0.0.1', 'localhost'])(
    'on %s: nothing is changed, nothing is read, nothing is framed',
    async (hostname) => {
      await using evil = openEvilSite(hostname)
      await using visitor = await visitAsAdmin()
      visitor.expectTrouble(/./)
      const { page } = visitor
      await page.goto('/')
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page.goto(`${evil.url}/form`)
      await page.waitForURL(`${weir.url}/api/inputs`)
      expect(await page.content()).toMatch(/must come from Weir itself|cross_origin/)
      await page.goto(`${evil.url}/script`)
      await page.locator('body[data-done]').waitFor()
      expect(await page.title()).not.toContain('read')
      await page.goto(`${evil.url}/frame`)
      await page.locator('body[data-done]').waitFor()
      expect(await page.frames()[1]?.content()).not.toContain('Sign out')
      expect(await weir.ok<unknown[]>('GET', '/api/inputs')).toEqual([])
    },
  )
})

describe('script in every field that takes text', () => {
  const ATTACKS = [
    '<img src=x onerror="window.hacked=1">',
    '"><script>window.hacked=1</script>',
    "'-window.hacked=1-'",
    'javascript:window.hacked=1//',
  ]

  const isHacked = (page: Page) => page.evaluate(() => 'hacked' in globalThis)

  test('stored: shown as text on every page, under the policy', async () => {
    const send = async (method: string, path: string, body: unknown) => {
      const answer = await callAs(weir, admin, method, path, body)
      const text = await answer.text()
      if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`)
      return JSON.parse(text) as { id: number }
    }
    for (const [i, attack] of ATTACKS.entries()) {
      const input = await send('POST', '/api/inputs', { name: `${attack} ${i}`, kind: 'test', enabled: false })
      await send('POST', `/api/inputs/${input.id}/outputs`, {
        name: attack,
        url: 'rtmp://127.0.0.1:9/live',
        stream_key: attack.replace(/["<>\s]/g, ''),
        enabled: false,
      })
      await send('POST', '/api/users', { email: `a${i}@example.org`, name: attack, role: 'viewer' })
      await send('POST', '/api/keys', { name: attack, scopes: ['read'] })
    }
    await send('PATCH', '/api/me', { name: ATTACKS[0] })
    // What a program says of itself stands in the list of sessions, what a stranger typed in the audit log.
    const body = JSON.stringify({ email: `${ATTACKS[1]}@x`.slice(0, 200), password: 'x' })
    const headers = { 'content-type': 'application/json', 'user-agent': ATTACKS[1]! }
    await fetch(`${weir.url}/api/session`, { method: 'POST', headers, body })
    await fetch(`${weir.url}/api/session`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ email: EMAIL, password: PASSWORD }),
    })

    await using visitor = await visitAsAdmin()
    visitor.expectTrouble(/404.*live\.jpg/)
    const { page } = visitor
    const inputs = await weir.ok<{ id: number }[]>('GET', '/api/inputs')
    const paths = ['/', '/account', '/users', '/users/2', '/audit', '/system', '/inputs/new']
    for (const { id } of inputs) paths.push(`/inputs/${id}`, `/inputs/${id}/edit`)
    for (const path of paths) {
      await page.goto(path)
      await page.getByRole('heading', { level: 1 }).first().waitFor()
      expect([path, await isHacked(page)]).toEqual([path, false])
      expect([path, await page.locator('img[src="x"]').count()]).toEqual([path, 0])
    }
    expect(await page.locator('body').textContent()).toBeString()
    // Through the event stream too: a rename is told to the open page.
    await page.goto(`/inputs/${inputs[0]?.id}`)
    await page.locator('#link[data-tone="ok"]').waitFor()
    await send('PATCH', `/api/inputs/${inputs[0]?.id}`, { name: `${ATTACKS[0]} renamed` })
    await page.getByRole('heading', { level: 1, name: 'renamed' }).waitFor()
    expect(await isHacked(page)).toBe(false)
  })

  test('reflected: from addresses and refused forms', async () => {
    await using visitor = await visitAsAdmin()
    visitor.expectTrouble(/4(00|04|10|22)/)
    const { page } = visitor
    for (const attack of ATTACKS) {
      const word = encodeURIComponent(attack)
      const paths = [
        `/audit?actor=${word}&action=${word}`,
        `/inputs/new?kind=${word}`,
        `/system?level=${word}`,
        `/nowhere/${word}`,
        `/join/${word}`,
      ]
      for (const path of paths) {
        await page.goto(path)
        expect([path, await isHacked(page)]).toEqual([path, false])
      }
    }
    await page.goto('/users')
    await page.getByText('Invite someone').click()
    const form = page.locator('form[action="/api/users"]')
    await form.getByLabel('Name').fill(ATTACKS[0]!)
    await form.getByLabel('E-mail').fill(ATTACKS[1]!)
    await form.getByRole('button', { name: 'Make an invitation' }).click()
    await page.locator('[aria-invalid="true"]').first().waitFor()
    expect(await isHacked(page)).toBe(false)
    await using stranger = await visit(weir, { signedIn: false })
    stranger.expectTrouble(/404|410/)
    for (const attack of ATTACKS) {
      const word = encodeURIComponent(attack)
      for (const path of [`/login?next=${word}`, `/login?error=${word}`, `/login?token=${word}`, `/join/${word}`]) {
        await stranger.page.goto(path)
        expect([path, await isHacked(stranger.page)]).toEqual([path, false])
      }
    }
  })
})

test('a stolen cookie of somebody who was shut out opens nothing', async () => {
  const person = await makePerson(weir, 'operator', 'stolen')
  await callAs(weir, admin, 'PATCH', `/api/users/${person.id}`, { status: 'disabled' })
  expect((await callAs(weir, person, 'GET', '/')).status).toBe(401)
})
