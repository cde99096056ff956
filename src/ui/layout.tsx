/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import type { Right } from '../lib/access.ts'
import { Brand, Icon, Sprite } from './icon.tsx'
import { Nav, type NavProps } from './nav.tsx'

export type Theme = 'light' | 'dark' | 'system'

/** Addresses of the files that a page loads; they change with their content. */
export type PageFiles = {
  cssUrl: string
  jsUrl: string
  iconUrl: string
  /** A line on top of every page: that this is a demo. */
  notice?: string
}

export type LayoutProps = PageFiles & {
  title: string
  theme: Theme
  nav: NavProps
  /** The one event stream of the page: `/events?topics=input:7`. */
  eventsUrl: string | null
  /** Who signed in; null where nobody did. Without a name: by the server's own key. */
  me: { name: string | null } | null
  /** What they may: the style hides what is for others. The server refuses it all the same. */
  rights: readonly Right[]
  children?: Child
}

/** A page inside: places at the side, content in the middle, one event stream, and where messages appear. */
export function Layout({ nav, eventsUrl, me, rights, children, ...head }: LayoutProps) {
  return (
    <Page {...head} may={rights}>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <div class="shell">
        <header class="side">
          <Brand />
          <Nav {...nav} rights={rights} />
          <div class="side-foot">
            {eventsUrl === null ? null : <LinkState eventsUrl={eventsUrl} />}
            <div class="row">
              <ThemeButton theme={head.theme} />
              {me ? <Me name={me.name} isHere={nav.place === 'account'} /> : null}
              {me ? <SignOut url="/logout" /> : null}
            </div>
          </div>
        </header>
        <main class="page" id="main" tabindex={-1}>
          {children}
        </main>
      </div>
    </Page>
  )
}

export type OpenPageProps = PageFiles & Pick<LayoutProps, 'title' | 'theme' | 'eventsUrl' | 'children'>

/** A page for those who are not signed in: the content, and the way in. */
export function OpenPage({ eventsUrl, children, ...head }: OpenPageProps) {
  return (
    <Page {...head} may={[]}>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <div class="open-page">
        <header class="open-head">
          <Brand />
          <div class="row">
            {eventsUrl === null ? null : <LinkState eventsUrl={eventsUrl} />}
            <ThemeButton theme={head.theme} />
            <a class="btn btn-small" href="/login">
              Sign in
            </a>
          </div>
        </header>
        <main class="page" id="main" tabindex={-1}>
          {children}
        </main>
      </div>
    </Page>
  )
}

export type BarePageProps = PageFiles & {
  title: string
  theme: Theme
  /** For a form, which needs more room than a few words. */
  wide?: boolean
  children?: Child
  /** Fills the other half of a wide screen. */
  aside?: Child
}

/** A page that stands alone: sign-in, a form without its page around it, a problem. */
export function BarePage({ wide, aside, children, ...head }: BarePageProps) {
  return (
    <Page {...head}>
      <div class="entry">
        <main class="entry-main" id="main">
          <div class={wide ? 'entry-box entry-wide' : 'entry-box'}>
            <Brand />
            {children}
          </div>
        </main>
        {aside}
      </div>
    </Page>
  )
}

function Page({
  title,
  theme,
  cssUrl,
  jsUrl,
  iconUrl,
  notice,
  may,
  children,
}: PageFiles & { title: string; theme: Theme; may?: readonly Right[]; children?: Child }) {
  return (
    <html lang="en" data-theme={theme === 'system' ? undefined : theme}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
        <meta name="color-scheme" content="light dark" />
        <title>{title === 'Weir' ? title : `${title} · Weir`}</title>
        <link rel="icon" type="image/svg+xml" href={iconUrl} />
        <link rel="stylesheet" href={cssUrl} />
        <script src={jsUrl} defer />
      </head>
      <body data-may={may?.join(' ')}>
        <Sprite />
        {notice ? (
          <aside class="page-notice" aria-label="Notice">
            {notice}
          </aside>
        ) : null}
        {children}
        <div class="toasts" id="toasts" role="status" aria-live="polite" />
      </body>
    </html>
  )
}

/** Whether the page is up to date. The stream hangs on the very element that tells how it does. */
function LinkState({ eventsUrl }: { eventsUrl: string }) {
  return (
    <>
      <p
        class="link-state needs-script"
        id="link"
        role="status"
        data-tone="busy"
        hx-sse:connect={eventsUrl}
        hx-swap="none"
      >
        <Icon name="state-starting" />
        <span class="link-word">Connecting</span>
      </p>
      <noscript>
        <p class="link-state">Reload to see what changed</p>
      </noscript>
    </>
  )
}

function ThemeButton({ theme }: { theme: Theme }) {
  return (
    <button class="btn btn-quiet btn-small needs-script" type="button" data-do="theme" title="Change the theme">
      <Icon name="theme" />
      <span class="wide-only">
        Theme: <span data-theme-name>{theme}</span>
      </span>
      <span class="phone-only sr-only">Change the theme</span>
    </button>
  )
}

function Me({ name, isHere }: { name: string | null; isHere: boolean }) {
  return (
    <a
      class={isHere ? 'btn btn-small' : 'btn btn-quiet btn-small'}
      href="/account"
      title="Your account"
      aria-current={isHere ? 'page' : undefined}
    >
      <Icon name="user" />
      <span class="account-name wide-only">{name ?? 'Account'}</span>
      <span class="sr-only">{name === null ? 'Your account' : ', your account'}</span>
    </a>
  )
}

function SignOut({ url }: { url: string }) {
  return (
    <form method="post" action={url}>
      <button class="btn btn-quiet btn-small" type="submit" title="Sign out">
        <Icon name="sign-out" />
        <span class="wide-only">Sign out</span>
        <span class="phone-only sr-only">Sign out</span>
      </button>
    </form>
  )
}
