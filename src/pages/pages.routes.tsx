/** @jsxImportSource hono/jsx */
import type { Hono } from 'hono'
import type { StaticFiles } from '../assets.ts'
import type { HttpEnv } from '../http/endpoint.ts'
import { answerStatic } from '../http/static.ts'
import { FrontPage } from '../ui/front-page.tsx'
import { Layout } from '../ui/layout.tsx'

/** Mounts the pages and the files that they load. */
export function mountPages(
  app: Hono<HttpEnv>,
  o: { files: StaticFiles; publicUrl: string | null; version: string },
): void {
  app.get('/', (c) => {
    const url = o.publicUrl ?? new URL(c.req.url).origin
    const page = (
      <Layout title="Weir" cssUrl={o.files.url('app.css')} iconUrl={o.files.url('favicon.svg')}>
        <FrontPage url={url} version={o.version} />
      </Layout>
    )
    return c.html(`<!doctype html>${page}`, 200, { 'cache-control': 'no-store' })
  })
  app.get('/favicon.ico', (c) => c.redirect(o.files.url('favicon.svg')))
  app.get('/static/*', (c) => answerStatic(c, o.files))
}
