/** @jsxImportSource hono/jsx */
export type SignInPageProps = {
  shell: { cssUrl: string; scriptUrl: string | null; iconUrl: string; host: string }
  next: string
  /** Of a sign-in link: one button instead of a field. */
  token?: string
  problem?: { code: string; byLink: boolean }
}

/** The page before all others. Plain forms: it works without JavaScript. */
export function SignInPage({ shell, next, token, problem }: SignInPageProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
        <meta name="color-scheme" content="light dark" />
        <title>Sign in · Weir</title>
        <link rel="icon" href={shell.iconUrl} type="image/svg+xml" />
        <link rel="stylesheet" href={shell.cssUrl} />
      </head>
      <body>
        <div class="entry">
          <main class="entry-main" id="main">
            <div class="entry-box">
              <h1>Sign in</h1>
              {problem && <SignInProblem {...problem} />}
              {token ? <LinkForm token={token} next={next} /> : <KeyForm next={next} />}
            </div>
          </main>
        </div>
      </body>
    </html>
  )
}

function LinkForm({ token, next }: { token: string; next: string }) {
  return (
    <>
      <p>This link signs in this browser, once.</p>
      <form class="form" method="post" action="/api/session">
        <input type="hidden" name="token" value={token} />
        <input type="hidden" name="next" value={next} />
        <button class="btn btn-primary" type="submit">
          Sign in
        </button>
      </form>
    </>
  )
}

function KeyForm({ next }: { next: string }) {
  return (
    <form class="form" method="post" action="/api/session">
      <input type="hidden" name="next" value={next} />
      <div class="field">
        <label for="key">API key</label>
        <input class="input mono" id="key" name="key" type="password" autocomplete="current-password" required />
      </div>
      <button class="btn btn-primary" type="submit">
        Sign in
      </button>
    </form>
  )
}

function SignInProblem({ code, byLink }: { code: string; byLink: boolean }) {
  return (
    <div class="problem" data-tone="bad" role="alert">
      <p>
        <strong>{byLink ? 'This link is spent' : 'That did not match'}</strong>
        {code}
      </p>
    </div>
  )
}
