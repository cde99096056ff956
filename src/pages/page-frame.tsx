/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import type { HttpContext } from '../http/endpoint.ts'
import { replyPage } from '../http/reply.tsx'
import { viewerOf } from '../http/viewer.ts'
import type { PageRoute, RelationOf } from '../http/router.ts'
import { themeOf } from '../http/theme.ts'
import { may, type Right, rightsOf } from '../lib/access.ts'
import { Layout, OpenPage } from '../ui/layout.tsx'
import type { Place } from '../ui/nav.tsx'
import { toAudience } from './audience.ts'
import { navInputs } from './page-body.tsx'
import { eventsUrl, type PageName, streamKeyOf } from './page-name.ts'
import type { PageReader } from './page-reader.ts'

export type PageFrameDeps = {
  publicUrl: string | null
  /** What pages show, as it is now, to one audience. */
  openReader(audience: string): PageReader
}

/** A page inside its frame: title, content, and what of it is live. */
export type Shown = { title: string; page: PageName; place: Place | null; inputId?: number; body: Child }

export type PageMaker = (c: HttpContext, read: PageReader) => Promise<Shown | Response>

/**
 * Makes a page out of what is inside: places at the side, who is signed in, one event stream. Strangers have an event stream
 * where they see a stream, and nothing else of these.
 */
export function createPageFrame(d: PageFrameDeps) {
  async function answer(c: HttpContext, shown: Shown, read: PageReader): Promise<Response> {
    const { title, page, place, inputId, body } = shown
    const files = c.get('pageFiles') ?? { cssUrl: '', jsUrl: '', iconUrl: '' }
    const actor = c.get('actor')
    if (!may(actor, 'see'))
      return replyPage(
        c,
        <OpenPage
          title={title}
          theme={themeOf(c)}
          {...files}
          eventsUrl={streamKeyOf(page) === null ? null : eventsUrl(page, false)}
        >
          {body}
        </OpenPage>,
      )
    return replyPage(
      c,
      <Layout
        title={title}
        theme={themeOf(c)}
        {...files}
        rights={rightsOf(actor)}
        nav={{ place, inputs: await navInputs(read), inputId }}
        eventsUrl={eventsUrl(page, true)}
        me={actor.kind === 'session' ? { name: actor.user?.name ?? null } : null}
      >
        {body}
      </Layout>,
    )
  }

  return (path: string, access: Right, make: PageMaker, relationOf?: RelationOf): PageRoute => ({
    path,
    access,
    ...(relationOf && { relationOf }),
    async handle(c) {
      const read = d.openReader(toAudience(viewerOf(c, d.publicUrl)))
      const made = await make(c, read)
      return made instanceof Response ? made : answer(c, made, read)
    },
  })
}
