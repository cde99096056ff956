/** @jsxImportSource hono/jsx */
import type { Hono } from 'hono'
import { raw } from 'hono/html'
import type { Child } from 'hono/jsx'
import type { StaticFiles } from '../assets.ts'
import { AppError } from '../errors.ts'
import type { HttpContext, HttpEnv } from '../http/endpoint.ts'
import { answerHtml } from '../http/html.ts'
import { readParams, readQuery } from '../http/input.ts'
import { isHtmx } from '../http/reply.tsx'
import { type PageRoute, requireRight } from '../http/router.ts'
import { may, type Right } from '../lib/access.ts'
import { answerStatic } from '../http/static.ts'
import { CacheBox } from '../images/bytes/cache.views.tsx'
import type { CacheStats } from '../images/images.schema.ts'
import { InputForm } from '../inputs/inputs.form.views.tsx'
import { inputPageQuery } from '../inputs/inputs.history.schema.ts'
import { type InputResource, inputParams } from '../inputs/inputs.schema.ts'
import { OutputCheckSheet } from '../outputs/outputs.check.views.tsx'
import { OutputForm } from '../outputs/outputs.form.views.tsx'
import { type OutputResource, outputParams } from '../outputs/outputs.schema.ts'
import { SystemSections } from '../system/system.page.views.tsx'
import { logsQuery } from '../system/system.schema.ts'
import { Sheet } from '../ui/dialog.tsx'
import { HostGauges } from './host.views.tsx'
import { renderBody } from './page-body.tsx'
import { createPageFrame, type PageFrameDeps, type PageMaker, type Shown } from './page-frame.tsx'
import type { PageName } from './page-name.ts'
import type { PageReader } from './page-reader.ts'

export type PagesDeps = PageFrameDeps & {
  /** What strangers see instead of the wall; null where there is nothing for them. */
  openFront(c: HttpContext): Shown | null
  cacheStats(): Promise<CacheStats>
}

/** The pages of those who may see inputs; strangers see what is public, or are sent to sign in first. */
export function createPages({ openFront, cacheStats, ...d }: PagesDeps): PageRoute[] {
  const framed = createPageFrame(d)
  const pages: PageRoute[] = []
  const show = (path: string, access: Right, make: PageMaker) => pages.push(framed(path, access, make))

  /** A form above the page that asked for it, or alone on a page of its own. */
  async function form(
    c: HttpContext,
    o: { title: string; input: InputResource | null; make(inSheet: boolean): Child },
  ): Promise<Shown | Response> {
    if (isHtmx(c)) return answerHtml(c, String(<FormSheet title={o.title}>{o.make(true)}</FormSheet>))
    const body = <div class="card card-pad">{o.make(false)}</div>
    return { title: o.title, page: 'frame', place: null, ...(o.input ? { inputId: o.input.id } : {}), body }
  }

  show('/', 'public', async (c, read) => {
    if (!may(c.get('actor'), 'see')) {
      const open = openFront(c)
      if (open) return open
      requireRight(c, 'see')
    }
    const body = raw(await renderBody('dashboard', read))
    return { title: 'Live', page: 'dashboard', place: 'live', body }
  })
  show('/system', 'operate', async (c, read) => {
    const query = await readQuery(c, logsQuery)
    const status = read.status()
    const body = (
      <SystemSections
        health={await read.health()}
        status={status}
        settings={read.settings()}
        log={{ page: read.logPage(query), query }}
        host={<HostGauges status={status} />}
        caches={<CacheBox stats={await cacheStats()} />}
      />
    )
    return { title: 'System', page: 'system', place: 'system', body }
  })
  show('/inputs/new', 'operate', async (c, read) => {
    const others = await read.inputs()
    const make = (inSheet: boolean) => (
      <InputForm input={null} kind={c.req.query('kind')} others={others} inSheet={inSheet} />
    )
    return form(c, { title: 'Add input', input: null, make })
  })
  show('/inputs/:id', 'see', async (c, read) => {
    const input = await inputOf(c, read)
    const { show } = await readQuery(c, inputPageQuery)
    const page: PageName = `input:${input.id}`
    return { title: input.name, page, place: null, inputId: input.id, body: raw(await renderBody(page, read, show)) }
  })
  show('/inputs/:id/edit', 'operate', async (c, read) => {
    const input = await inputOf(c, read)
    const others = await read.inputs()
    const make = (inSheet: boolean) => <InputForm input={input} others={others} inSheet={inSheet} />
    return form(c, { title: `Edit ${input.name}`, input, make })
  })
  show('/inputs/:id/outputs/new', 'operate', async (c, read) => {
    const input = await inputOf(c, read)
    const preset = c.req.query('preset')
    const takenNames = (await read.outputsOf(input.id)).map(({ name }) => name)
    const make = (inSheet: boolean) => (
      <OutputForm
        input={input}
        output={null}
        defaults={read.outputDefaults}
        preset={preset}
        takenNames={takenNames}
        inSheet={inSheet}
      />
    )
    return form(c, { title: 'Add output', input, make })
  })
  show('/inputs/:id/outputs/:oid/edit', 'operate', async (c, read) => {
    const input = await inputOf(c, read)
    const output = await outputOf(c, input, read)
    const make = (inSheet: boolean) => (
      <OutputForm input={input} output={output} defaults={read.outputDefaults} inSheet={inSheet} />
    )
    return form(c, { title: `Edit ${output.name}`, input, make })
  })
  show('/inputs/:id/outputs/:oid/check', 'operate', async (c, read) => {
    const input = await inputOf(c, read)
    const output = await outputOf(c, input, read)
    return form(c, { title: `Check ${output.name}`, input, make: () => <OutputCheckSheet output={output} /> })
  })
  return pages
}

/** Mounts the files that pages load; they hold nothing that strangers may not see. */
export function mountFiles(app: Hono<HttpEnv>, files: StaticFiles): void {
  app.get('/favicon.ico', (c) => c.redirect(files.url('favicon.svg')))
  app.get('/static/*', (c) => answerStatic(c, files))
}

/** Opened by the page's script as soon as it is there. */
function FormSheet({ title, children }: { title: string; children: Child }) {
  return (
    <Sheet id="sheet" title={title} open>
      {children}
    </Sheet>
  )
}

async function inputOf(c: HttpContext, read: PageReader): Promise<InputResource> {
  const { id } = await readParams(c, inputParams)
  const input = await read.input(id)
  if (input) return input
  throw new AppError({ kind: 'not_found', code: 'input.not_found', message: 'There is no such input.' })
}

async function outputOf(c: HttpContext, input: InputResource, read: PageReader): Promise<OutputResource> {
  const { oid } = await readParams(c, outputParams)
  const output = (await read.outputsOf(input.id)).find((each) => each.id === oid)
  if (output) return output
  throw new AppError({ kind: 'not_found', code: 'output.not_found', message: 'There is no such output.' })
}
