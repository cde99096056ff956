import { isPoll, showIcon } from './dom.ts'
import { htmx } from './htmx.ts'
import { serverNowMs } from './times.ts'

const FIRST_TRY_AGAIN_MS = 1000
const LAST_TRY_AGAIN_MS = 3000
/** Longer than this, and what the page shows is called old. */
const OLD_AFTER_MS = 30_000

/** What does something at once. Forms keep their button: who signed in elsewhere can still send what they typed. */
const ACTS = 'form.act button'

type LinkTone = 'ok' | 'busy' | 'warn' | 'bad'
const ICONS: Record<LinkTone, string> = {
  ok: 'state-running',
  busy: 'state-starting',
  warn: 'state-reconnecting',
  bad: 'state-error',
}

/** Tells at `#link` whether the page is up to date. While it is not, figures are greyed: they are of another time. */
export function startLink(): void {
  const link = document.getElementById('link')
  if (!link) return
  let lostAt: Date | null = null
  let oldTimer = 0
  let wasHidden = false
  let isSignedOut = false

  const say = (tone: LinkTone, text: string) => {
    link.dataset['tone'] = tone
    showIcon(link, ICONS[tone])
    const word = link.querySelector('.link-word')
    if (word && word.textContent !== text) word.textContent = text
    document.documentElement.toggleAttribute('data-stale', tone === 'warn' || tone === 'bad')
  }
  const found = () => {
    lostAt = null
    wasHidden = false
    clearTimeout(oldTimer)
    say('ok', 'Up to date')
  }
  const lost = () => {
    if (lostAt || document.hidden) return
    lostAt = new Date(serverNowMs())
    const since = lostAt.toLocaleTimeString('en-GB')
    say('warn', `Connection lost at ${since}, trying again`)
    oldTimer = setTimeout(() => say('bad', `Not up to date since ${since}`), OLD_AFTER_MS)
  }
  const signedOut = () => {
    isSignedOut = true
    clearTimeout(oldTimer)
    say('bad', 'Signed out. ')
    link.querySelector('.link-word')?.append(createSignInLink())
    for (const button of document.querySelectorAll(ACTS)) button.setAttribute('aria-disabled', 'true')
  }

  document.addEventListener('visibilitychange', () => {
    wasHidden ||= document.hidden
  })
  document.addEventListener('htmx:sse:after:connection', found)
  document.addEventListener('htmx:sse:before:connection', (event) => {
    // Whoever is signed out is so until they sign in again; asking on would only knock.
    if (isSignedOut) return event.preventDefault()
    if (event.detail.connection.attempt === 0) return
    if (wasHidden) say('busy', 'Connecting')
    else lost()
  })
  document.addEventListener('htmx:sse:error', ({ detail }) => {
    wasHidden = false
    if (detail.status === 401) signedOut()
    else if (detail.status === 404) gone()
    else lost()
  })
  retryFirst(link, lost, signedOut)
  tellUnreached(link)
}

/** What the page shows is not there for its reader any more: it goes, and its address says so. */
const gone = () => location.reload()

function createSignInLink(): HTMLElement {
  const signIn = document.createElement('a')
  signIn.href = `/login?next=${encodeURIComponent(location.pathname + location.search)}`
  signIn.textContent = 'Sign in'
  return signIn
}

/** Whoever pressed or sent something learns that nobody heard it; the form stays as it was. */
function tellUnreached(link: HTMLElement): void {
  document.addEventListener('htmx:error', ({ detail: { ctx } }) => {
    // With an answer it is no failure of the way there.
    if (!ctx || ctx.response || ctx.sourceElement === link || isPoll(ctx.sourceElement)) return
    const text = 'Weir could not be reached. Nothing was changed; try again.'
    document.dispatchEvent(new CustomEvent('toast', { detail: { text, tone: 'bad' } }))
  })
}

/** The extension keeps a stream that once began; one that could not begin is ours to ask for again. */
function retryFirst(link: HTMLElement, lost: () => void, signedOut: () => void): void {
  let delayMs = FIRST_TRY_AGAIN_MS
  const again = (source: Element | undefined, status: number | undefined) => {
    if (source !== link) return
    if (status === 401) return signedOut()
    if (status === 404) return gone()
    lost()
    setTimeout(() => {
      const url = link.getAttribute('hx-sse:connect')
      if (url) void htmx.ajax('GET', url, { source: link, swap: 'none' })
    }, delayMs)
    delayMs = Math.min(delayMs * 2, LAST_TRY_AGAIN_MS)
  }
  document.addEventListener('htmx:error', ({ detail: { ctx } }) => again(ctx?.sourceElement, ctx?.response?.status))
  document.addEventListener('htmx:response:error', ({ detail: { ctx } }) =>
    again(ctx.sourceElement, ctx.response?.status),
  )
}
