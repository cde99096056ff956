/** @jsxImportSource hono/jsx */
import { expect, test } from 'bun:test'
import { SignInPage } from '../../../src/users/session.views.tsx'

const files = { cssUrl: '/app.css', jsUrl: '/app.js', iconUrl: '/favicon.svg' }

test.each([
  { demo: false, isAdvised: true },
  { demo: true, isAdvised: false },
])('where a new link comes from: demo $demo', ({ demo, isAdvised }) => {
  const page = { files, theme: 'system', host: 'weir.example', next: '/', demo } as const
  for (const problem of [undefined, { kind: 'link' }] as const) {
    const html = String(<SignInPage {...page} problem={problem} />)
    expect([html.includes('start.sh link'), html.includes('name="key"')]).toEqual([isAdvised, true])
  }
})
