import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { createAdminHttp, listenForAdmin } from './admin.ts'
import { doorsWorkerUrl, imagingWorkerUrl, mediaWorkerUrl, openStaticFiles, version } from './assets.ts'
import { createBus } from './bus.ts'
import { cacheDir, type Config, type Setting } from './config.ts'
import type { Database } from './db/client.ts'
import { inputs as inputTable } from './db/tables/inputs.ts'
import { openHouse } from './house.ts'
import type { HttpContext } from './http/endpoint.ts'
import { createRateLimits } from './http/rate-limits.ts'
import { requestUrl } from './http/request-host.ts'
import { createHttp, toUrl } from './http/server.ts'
import { createSse } from './http/sse.ts'
import { openImages } from './images/open-images.ts'
import { createImagingClient } from './imaging/client.ts'
import { createInputRoutes } from './inputs/inputs.routes.tsx'
import { createInputs } from './inputs/inputs.service.ts'
import { openSlates, STILL_FILE } from './inputs/slates.ts'
import { createLoopLag } from './lib/loop-lag.ts'
import { findProgram } from './lib/program.ts'
import { createTurns } from './lib/turns.ts'
import { createLive } from './live/live.ts'
import { createPorts, type PortsOptions } from './live/ports.ts'
import { createMediaClient } from './media/client.ts'
import { openRunDir } from './media/run-dir.ts'
import { inspectFfmpeg } from './media/ffmpeg/binary.ts'
import { isDecodable } from './media/ffmpeg/picture.ts'
import { createOutputRoutes } from './outputs/outputs.routes.tsx'
import { createOutputs } from './outputs/outputs.service.ts'
import { createEventFeed } from './pages/events.feed.ts'
import { createEventRoutes } from './pages/events.routes.ts'
import { createGalleryPages } from './pages/gallery-pages.tsx'
import { createPageFeed } from './pages/page-feed.ts'
import { openPageReader } from './pages/page-reader.ts'
import { createPeoplePages } from './pages/people-pages.tsx'
import { createPages, mountFiles } from './pages/pages.routes.tsx'
import { createStreamPages, toOpenFront } from './pages/stream-pages.tsx'
import { createRoutes } from './routes.ts'
import { toJoin } from './streams/join.ts'
import { createMemberRoutes } from './streams/members.routes.tsx'
import { openStreams } from './streams/open-streams.ts'
import { createStreamView } from './streams/streams.resource.ts'
import { startSnapshots } from './streams/snapshots.ts'
import { startStreamSweep } from './streams/sweep.ts'
import { createStreamRoutes } from './streams/streams.routes.tsx'
import { createSubjects } from './subjects.ts'
import { createAuditRoutes } from './system/audit.routes.ts'
import { createAudit } from './system/audit.service.ts'
import type { DataDir } from './system/data-dir.ts'
import { createFigures } from './system/figures.ts'
import { createSystemRoutes } from './system/system.routes.tsx'
import { createSystem } from './system/system.service.ts'
import { createAccountRoutes } from './users/account.routes.tsx'
import { openAccounts } from './users/accounts.ts'
import { createEntryPages } from './users/entry-pages.tsx'
import { createSessionRoutes, toCookieAuth } from './users/session.routes.ts'
import { createKeyRoutes, createUserRoutes } from './users/users.routes.tsx'
import { isSignInTokenGood, issueSignInToken, spendSignInToken, toSignInUrl } from './users/sign-in-link.ts'

const SESSION_COOKIE = { real: 'weir_session', demo: 'weir_demo_session' }
/** How soon a page that lost its stream comes back: within the 2 s that it may take to say so. */
const PAGE_RETRY_MS = 500

export type AppOptions = {
  writeLog(line: string): void
  /** A guest for an hour: the cookie is another, so that the Weir beside it stays signed in. */
  demo?: boolean
}

export type App = {
  /** Where people reach it. */
  url: string
  port: number
  apiKey: Pick<DataDir, 'apiKey' | 'apiKeySource' | 'apiKeyFile'>
  /** There is no administrator yet. */
  isNew: boolean
  /** Marks the children of this data directory. */
  instance: string
  /** Makes the address that signs in once, within 30 minutes. */
  makeSignInUrl(): string
  /** Answers a request without going over the socket. */
  fetch(request: Request): Promise<Response>
  /** Logs an error that nobody caught: always a mistake of ours. */
  report(error: unknown): void
  /** Not ready, streams ended, requests drained, children and workers stopped, database closed; in that order. */
  close(): Promise<void>
}

/**
 * Builds the whole server in order, each part pushing its undoing at once: a start that fails half way takes back what
 * exists, and `close` runs the same list from its end.
 * @throws AppError with a message for the operator (directory in use, newer database, port taken)
 */
export async function createApp(config: Config, o: AppOptions): Promise<App> {
  await using stack = new AsyncDisposableStack()
  const { data, db, log, logRing, clock, migrated, secrets } = await openHouse(config, o.writeLog, stack)
  const bus = createBus({ log })
  // Found once, so that all who start it or look for it mean the same one; its name where it is not there yet.
  const ffmpegPath = findProgram(config.media.ffmpegPath) ?? config.media.ffmpegPath
  const runDir = openRunDir()
  stack.defer(runDir.remove)
  const media = createMediaClient({
    workerUrl: mediaWorkerUrl,
    doorsUrl: doorsWorkerUrl,
    rtmp: config.media.rtmp.port === 0 ? null : config.media.rtmp,
    maxWorkers: config.media.maxWorkers,
    cores: availableParallelism(),
    instance: data.instance,
    ffmpegPath,
    ringMaxBytes: config.media.ringMaxBytes,
    caFile: config.media.caFile,
    denyPrivate: config.media.denyPrivate,
    runDir: runDir.path,
    clock,
    log: log.child({ room: 'media' }),
  })
  stack.defer(media.close)

  const imaging = createImagingClient({
    workerUrl: imagingWorkerUrl,
    instance: data.instance,
    cacheDir: cacheDir(),
    maxWaiting: config.images.maxConcurrentUploads,
    clock,
    log: log.child({ room: 'imaging' }),
  })
  const ffmpeg = { clock, ffmpegPath, instance: data.instance }
  const slates = openSlates({
    // Children begin in another directory.
    dir: resolve(data.dir, 'slates'),
    inputIds: (await db.orm.select({ id: inputTable.id }).from(inputTable)).map(({ id }) => id),
    isDecodable: (picture) => isDecodable(ffmpeg, picture),
    makeStill: (picture) => imaging.variantOnce({ ...picture, name: STILL_FILE }),
  })
  const slateOf = (inputId: number) => slates.find(inputId)?.file ?? null
  const live = createLive({ db, media, bus, clock, log, secrets, slateOf })
  stack.defer(live.close)

  const lag = createLoopLag(clock)
  stack.defer(lag.stop)
  const figures = createFigures({ dir: config.data.dir, clock, onSample: () => bus.publish({ type: 'system.status' }) })
  stack.defer(figures.stop)
  const maxPerClient = config.people.maxEventStreams
  const sse = createSse({ clock, maxPerClient })
  const pageSse = createSse({ clock, maxPerClient, resumes: false, retryMs: PAGE_RETRY_MS })
  let ready = false
  const system = createSystem({
    version,
    clock,
    figures,
    lag,
    logRing,
    settings: toSettings(config.settings),
    ffmpegPath,
    async inspectFfmpeg() {
      const binary = await inspectFfmpeg(ffmpeg)
      media.ffmpegIs(binary.version)
      return binary
    },
    log,
    media,
    imaging,
    counts: live.counts,
    pingDatabase: () => db.client.execute('SELECT 1'),
    eventStreams: () => sse.clients() + pageSse.clients(),
    isReady: () => ready,
  })
  const slice = { db, live, clock, turns: createTurns(), ports: createPorts(toPorts(config, db)) }
  const { rtmp } = config.media
  const door = { port: rtmp.port, tlsPort: rtmp.tls?.port ?? null }
  const inputs = createInputs({ ...slice, secrets, door, slates })
  const outputs = createOutputs({ ...slice, secrets, limits: config.outputs })
  const { publicUrl, trustedProxies, host, port } = config.web
  const pageDeps = { inputs, outputs, live, system, urlOf: (name: string) => toUrl(publicUrl, name, port) }
  const openReader = (name: string) => openPageReader(pageDeps, name)
  const files = await openStaticFiles()
  const { apiKey, secretKey } = data
  const cookieName = SESSION_COOKIE[o.demo ? 'demo' : 'real']
  const accounts = await openAccounts({ db, clock, log, secrets, secretKey, apiKey, cookieName })
  const { users, sessions, keys } = accounts
  const people = () => users.all().map(({ id, name }) => ({ id, name }))
  const personName = (id: number) => users.all().find((row) => row.id === id)?.name ?? null
  const { streams, members, isLive, ...following } = await openStreams({ db, clock, log, bus, live, personName })
  users.whenGone(following.forgetPerson)
  stack.defer(following.close)
  const pictures = await openImages({
    config: config.images,
    db,
    streams: { ...streams, relationOf: streams.streamRelation },
    imaging,
    bus,
    secretKey,
    publicUrl,
    clock,
    log: log.child({ room: 'images' }),
  })
  stack.defer(pictures.close)
  stack.defer(imaging.close)
  const feed = createEventFeed({ sse, bus, live, inputs, outputs, pictures, systemStatus: system.status, log })
  stack.defer(feed.close)
  const feeds = { still: inputs.still, stillAt: live.stillAt, isLive }
  const view = createStreamView({ streams, feeds, pictures: pictures.forStreams })
  const pageStreams = { byId: streams.byId, fedBy: streams.fedBy, toPicture: view.toPicture }
  const pageFeed = createPageFeed({ sse: pageSse, bus, clock, log, live, openReader, streams: pageStreams })
  stack.defer(pageFeed.close)
  const removePictures = pictures.forStreams.removeOf
  const { trashDays } = config.images
  stack.defer(startStreamSweep({ streams, removePictures, trashDays, clock, log }))
  stack.defer(startSnapshots({ streams, feeds, pictures: pictures.forStreams, clock, log }))
  const inputChoices = async () =>
    (await inputs.list({ host: '', seesKeys: false })).map(({ id, name }) => ({ id, name }))
  const urlOf = (c: HttpContext) => requestUrl(c, publicUrl)
  const galleries = createGalleryPages({
    ...{ publicUrl, openReader, streams },
    ...{ images: pictures.images, rights: pictures.rights, index: pictures.table.index },
    ...config.images,
  })
  const read = createSubjects({
    ...accounts,
    galleries: { streams, toStream: view.toStream, members, images: pictures.images },
    media: { inputs, outputs, live },
  })
  const audit = createAudit({ db, clock, log, keepDays: config.people.auditDays, read })
  stack.defer(audit.close)
  const { admin } = config.people
  if (admin && !users.hasAdmin()) await users.setUp({ ...admin, name: 'Administrator' }, () => true)
  const isTokenGood = (token: string) => isSignInTokenGood(data.dir, token, clock.wall())
  const http = createHttp({
    routes: createRoutes({
      system: createSystemRoutes(system),
      inputs: createInputRoutes({ inputs, outputs, publicUrl }),
      outputs: createOutputRoutes({ outputs, inputs, publicUrl }),
      events: createEventRoutes({ sse, pageSse, feed, pageFeed, publicUrl, pictures }),
      streams: {
        streams,
        routes: createStreamRoutes({ streams, view, feeds, inputChoices, pictures: pictures.forStreams }),
        members: createMemberRoutes({ streams, members, people, urlOf }),
      },
      images: pictures.table,
      session: createSessionRoutes({
        ...accounts,
        isTokenGood,
        spendToken: (token) => spendSignInToken(data.dir, token, clock.wall()),
      }),
      account: createAccountRoutes(accounts),
      users: createUserRoutes({ ...accounts, urlOf }),
      keys: createKeyRoutes(accounts),
      audit: createAuditRoutes(audit),
      faults: config.media.faults,
      about: { version, serverUrl: publicUrl ?? '/' },
    }),
    pages: [
      ...createEntryPages({
        sessions,
        users,
        isTokenGood,
        leadsToSetup: data.apiKeySource !== 'env',
        joinStream: toJoin({ members, clock }),
        demo: o.demo ?? false,
      }),
      ...createPages({
        ...{ publicUrl, openReader, cacheStats: pictures.cacheStats },
        openFront: toOpenFront({ streams, view }),
      }),
      ...createStreamPages({
        ...{ publicUrl, openReader, streams, view, members, people, inputChoices },
        gallery: galleries.gallery,
      }),
      ...galleries.pages,
      ...createPeoplePages({ publicUrl, openReader, accounts, audit, canSetUp: !o.demo }),
    ],
    mount: (app) => mountFiles(app, files),
    pageFiles: {
      cssUrl: files.url('app.css'),
      jsUrl: files.url('app.js'),
      iconUrl: files.url('favicon.svg'),
      ...(o.demo && { notice: 'Demo: nothing is kept' }),
    },
    keys,
    sessions: toCookieAuth(sessions),
    audit,
    limits: createRateLimits({ clock, perMinute: config.people.perMinute }),
    corsOrigins: config.people.corsOrigins,
    maxRequestBytes: pictures.maxRequestBytes,
    publicUrl,
    trustedProxies,
    clock,
    log,
  })
  await live.settle()
  const listener = http.listen({ host, port })
  stack.defer(listener.close)
  const admins = createAdminHttp({ accounts, audit, dir: data.dir, url: listener.url, clock, log })
  stack.defer(listenForAdmin(data.dir, admins, log).close)
  stack.defer(sse.close)
  stack.defer(pageSse.close)
  stack.defer(() => {
    ready = false
  })
  ready = true
  // For the system page alone: a terminal has the greeting, which is one line.
  const started = { version, address: listener.url, ...(migrated.length > 0 && { migrations: migrated }) }
  logRing.push({ at: clock.wall(), level: 'info', msg: 'Weir is ready', fields: started })
  void system.learnFfmpeg()

  const undo = stack.move()
  return {
    url: listener.url,
    port: listener.port,
    apiKey: data,
    isNew: !users.hasAdmin(),
    instance: data.instance,
    makeSignInUrl: () => toSignInUrl(listener.url, issueSignInToken(data.dir, clock.wall())),
    fetch: (request) => http.fetch(request),
    report: (error) => log.error('nobody caught this', { error }),
    close: () => undo.disposeAsync(),
  }
}

function toPorts({ ports, web, media }: Config, db: Database): PortsOptions {
  const publicHost = web.publicUrl === null ? null : new URL(web.publicUrl).hostname
  const rtmp = [media.rtmp.port, media.rtmp.tls?.port ?? 0].filter((port) => port !== 0)
  const { denyPrivate } = media
  return { db, ranges: ports, reserved: { web: web.port, rtmp }, denyPrivate, publicHost }
}

/** What was made in the data directory comes neither from the environment nor from a default. */
function toSettings(settings: Setting[]): Setting[] {
  const kept = new Set(['API_KEY', 'SECRET_KEY'])
  return settings.map((setting) =>
    kept.has(setting.name) && setting.source === 'default'
      ? { name: setting.name, value: '***', source: 'file' }
      : setting,
  )
}
