/** @jsxImportSource hono/jsx */
/**
 * Every component in every state on one page, to look at: `bun test/support/component-gallery.tsx [port]`. It is served
 * under the policy of the real pages, with a stream that says now and then that it is there.
 */
import { Hono } from 'hono'
import { openStaticFiles } from '../../src/assets.ts'
import type { HttpEnv } from '../../src/http/endpoint.ts'
import { securityHeaders } from '../../src/http/guard.ts'
import { replyPage } from '../../src/http/reply.tsx'
import { createSse } from '../../src/http/sse.ts'
import { answerStatic } from '../../src/http/static.ts'
import { themeOf } from '../../src/http/theme.ts'
import { Layout } from '../../src/ui/layout.tsx'
import type { NavInput } from '../../src/ui/nav.tsx'
import { PageHead } from '../../src/ui/page-head.tsx'
import { Button } from '../../src/ui/button.tsx'
import { Breadcrumbs } from '../../src/ui/breadcrumbs.tsx'
import { FIGURES, FORMS, MESSAGES, STATES } from './component-samples.tsx'

const INPUTS: NavInput[] = [
  { id: 1, name: 'Main stage', state: 'active', running: 3, total: 7 },
  { id: 2, name: 'Pitch 2, north stand and the long name of it', state: 'error', running: 0, total: 2 },
  { id: 3, name: 'River drone', state: 'inactive', running: 0, total: 2 },
  { id: 4, name: 'Studio B', state: 'starting', running: 0, total: 3 },
  { id: 5, name: 'Camera', state: 'reconnecting', running: 0, total: 1 },
  { id: 6, name: 'Choir room', state: 'stopped', running: 0, total: 1 },
]

/** The gallery as an application. */
export async function createGallery(): Promise<Hono<HttpEnv>> {
  const files = await openStaticFiles()
  const sse = createSse({ resumes: false, retryMs: 500 })
  const app = new Hono<HttpEnv>()
  app.use(async (c, next) => {
    await next()
    for (const [name, value] of Object.entries(securityHeaders(null))) c.res.headers.set(name, value)
  })
  app.get('/', (c) =>
    replyPage(
      c,
      <Layout
        title="Components"
        theme={themeOf(c)}
        cssUrl={files.url('app.css')}
        jsUrl={files.url('app.js')}
        iconUrl={files.url('favicon.svg')}
        nav={{ place: 'live', inputs: INPUTS, inputId: 3 }}
        eventsUrl="/events"
        me={{ name: 'Ruth' }}
        rights={['see', 'operate', 'manage']}
      >
        <PageHead
          title="Components"
          crumbs={<Breadcrumbs items={[{ href: '/', label: 'Live' }]} here="Components" />}
          lede={<p class="lede">Every part, in every state it can have.</p>}
          actions={
            <>
              <Button label="Open a dialog" data-open="demo-dialog" />
              <Button label="Open a sheet" data-open="demo-sheet" />
            </>
          }
        />
        {STATES}
        {FORMS}
        {MESSAGES}
        {FIGURES}
      </Layout>,
    ),
  )
  app.get('/events', (c) => sse.open(c, { snapshot: () => [{ data: '<!-- here -->' }], wants: () => true }))
  app.post('/refuse', (c) => c.html('<div class="problem" data-tone="bad">No</div>', 422))
  app.get('/static/*', (c) => answerStatic(c, files))
  return app
}

if (import.meta.main) {
  const app = await createGallery()
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: Number(process.argv[2] ?? 0),
    fetch: (request, server) => app.fetch(request, { server }),
  })
  console.log(server.url.href)
}
