import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { TEST_KEY, type Weir } from './weir.ts'

/** Without its window, where that is installed: a fifth of the work for each visit. */
const CHROMIUM = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find((path) => existsSync(path))
const ARGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
]
const DEADLINE_MS = 20_000
/** A busy machine may take longer for a first picture than its request waits; the next one is told by an event. */
const NO_PICTURE_YET = /404.*live\.jpg/

/** The sizes at which every page must work. */
export const SIZES = {
  desktop: { width: 1440, height: 900 },
  phone: { width: 390, height: 844 },
  narrow: { width: 360, height: 780 },
} as const

let browser: Promise<Browser> | null = null

/** The one Chromium of the whole run, started when the first test asks; it ends with the run, when its pipe closes. */
export function sharedBrowser(): Promise<Browser> {
  browser ??= chromium.launch({ ...(CHROMIUM && { executablePath: CHROMIUM }), args: ARGS })
  return browser
}

export type VisitOptions = {
  size?: keyof typeof SIZES
  theme?: 'light' | 'dark'
  /** False: a browser that runs no script. */
  script?: boolean
  /** False: nobody is signed in. */
  signedIn?: boolean
}

export type Visit = AsyncDisposable & {
  context: BrowserContext
  page: Page
  /** A further tab of the same browser, watched as the first. */
  newTab(): Promise<Page>
  /** Trouble that belongs to the test: what matches is no fault. Messages begin with policy, console, script, ... */
  expectTrouble(pattern: RegExp): void
}

/**
 * A browser of its own (cookies, storage) at this server, signed in. Disposing of it fails the test if a page logged an
 * error, threw, broke the content policy, asked another host, or had a request refused or failed that was not expected.
 */
export async function visit(weir: Pick<Weir, 'url'>, o: VisitOptions = {}): Promise<Visit> {
  const context = await (await sharedBrowser()).newContext({
    baseURL: weir.url,
    viewport: SIZES[o.size ?? 'desktop'],
    colorScheme: o.theme ?? 'light',
    // A spinner paints the whole page with every frame, which takes a core where no graphics card does it.
    reducedMotion: 'reduce',
    javaScriptEnabled: o.script ?? true,
  })
  context.setDefaultTimeout(DEADLINE_MS)
  const troubles: string[] = []
  const expected = [NO_PICTURE_YET]
  await watch(context, weir.url, (trouble) => troubles.push(trouble))
  if (o.signedIn !== false) await context.addCookies([await signIn(weir.url)])
  const page = await context.newPage()
  return {
    context,
    page,
    newTab: () => context.newPage(),
    expectTrouble: (pattern) => void expected.push(pattern),
    async [Symbol.asyncDispose]() {
      await context.close()
      const faults = troubles.filter((trouble) => !expected.some((pattern) => pattern.test(trouble)))
      if (faults.length > 0) throw new Error(`the browser had trouble:\n${[...new Set(faults)].join('\n')}`)
    },
  }
}

async function watch(context: BrowserContext, url: string, tell: (trouble: string) => void): Promise<void> {
  await context.exposeBinding('tellViolation', (_source, words: string) => tell(`policy: ${words}`))
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => {
      const { violatedDirective, blockedURI, sourceFile } = event as Event & Record<string, unknown>
      const { tellViolation } = globalThis as unknown as { tellViolation(words: string): void }
      tellViolation(`${violatedDirective} ${blockedURI} at ${sourceFile}`)
    })
  })
  context.on('console', (message) => {
    if (message.type() === 'error') tell(`console: ${message.text()} ${message.location().url}`)
  })
  context.on('weberror', (error) => tell(`script: ${error.error().stack ?? error.error().message}`))
  context.on('request', (request) => {
    if (!request.url().startsWith(`${url}/`)) tell(`elsewhere: ${request.url()}`)
  })
  context.on('response', (response) => {
    if (response.status() >= 400) tell(`answer: ${response.status()} ${response.request().method()} ${response.url()}`)
  })
  context.on('requestfailed', (request) => {
    const why = request.failure()?.errorText ?? ''
    // The page took it back itself: it was left, or a newer picture took the place of one that was on its way.
    if (why !== 'net::ERR_ABORTED') tell(`request: ${why} ${request.method()} ${request.url()}`)
  })
}

/** The cookie of a session of its own. */
async function signIn(url: string) {
  const answer = await fetch(`${url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ key: TEST_KEY }),
  })
  const [name = '', value = ''] = (answer.headers.get('set-cookie') ?? '').split(';')[0]?.split('=') ?? []
  if (answer.status !== 201 || value === '') throw new Error(`sign-in answered ${answer.status}`)
  return { name, value, url, httpOnly: true }
}
