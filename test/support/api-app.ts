import { dirname, join } from 'node:path'
import { imagingWorkerUrl, migrations, openStaticFiles } from '../../src/assets.ts'
import { createBus } from '../../src/bus.ts'
import { type Database, openDatabase } from '../../src/db/client.ts'
import { inputs as inputTable } from '../../src/db/tables/inputs.ts'
import { migrate } from '../../src/db/migrate.ts'
import { createHttp, type Http } from '../../src/http/server.ts'
import { createSse } from '../../src/http/sse.ts'
import { createImagingClient } from '../../src/imaging/client.ts'
import { type ImagesConfig, openImages } from '../../src/images/open-images.ts'
import { createInputRoutes } from '../../src/inputs/inputs.routes.tsx'
import type { RtmpDoor } from '../../src/inputs/inputs.publish.ts'
import type { InputResource } from '../../src/inputs/inputs.schema.ts'
import { createInputs } from '../../src/inputs/inputs.service.ts'
import { openSlates, STILL_FILE } from '../../src/inputs/slates.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { createLog } from '../../src/lib/log.ts'
import { createSecretBox } from '../../src/lib/secret-box.ts'
import { createTurns } from '../../src/lib/turns.ts'
import { createLive, type Live } from '../../src/live/live.ts'
import { createPorts } from '../../src/live/ports.ts'
import { createOutputRoutes } from '../../src/outputs/outputs.routes.tsx'
import type { OutputResource } from '../../src/outputs/outputs.schema.ts'
import { createOutputs } from '../../src/outputs/outputs.service.ts'
import { createEventFeed } from '../../src/pages/events.feed.ts'
import { createEventRoutes } from '../../src/pages/events.routes.ts'
import { createPageFeed } from '../../src/pages/page-feed.ts'
import { openPageReader } from '../../src/pages/page-reader.ts'
import { createPeoplePages } from '../../src/pages/people-pages.tsx'
import { createPages, mountFiles } from '../../src/pages/pages.routes.tsx'
import { createGalleryPages } from '../../src/pages/gallery-pages.tsx'
import { createStreamPages, toOpenFront } from '../../src/pages/stream-pages.tsx'
import { createRoutes } from '../../src/routes.ts'
import { toJoin } from '../../src/streams/join.ts'
import { createMemberRoutes } from '../../src/streams/members.routes.tsx'
import { openStreams } from '../../src/streams/open-streams.ts'
import { createStreamView } from '../../src/streams/streams.resource.ts'
import { createStreamRoutes } from '../../src/streams/streams.routes.tsx'
import type { Streams } from '../../src/streams/streams.service.ts'
import { createSubjects } from '../../src/subjects.ts'
import { createAuditRoutes } from '../../src/system/audit.routes.ts'
import { createAudit } from '../../src/system/audit.service.ts'
import { createSystemRoutes } from '../../src/system/system.routes.tsx'
import { createSystem } from '../../src/system/system.service.ts'
import { createAccountRoutes } from '../../src/users/account.routes.tsx'
import { type Accounts, openAccounts } from '../../src/users/accounts.ts'
import { createEntryPages } from '../../src/users/entry-pages.tsx'
import { createSessionRoutes, toCookieAuth } from '../../src/users/session.routes.ts'
import { createKeyRoutes, createUserRoutes } from '../../src/users/users.routes.tsx'
import { createFakeMedia, type FakeMedia } from './fake-media.ts'
import type { Problem } from './resources.ts'
import { tempDir } from './temp.ts'

const KEY = 'api-test-key'
const PICTURES: Omit<ImagesConfig, 'dir'> = {
  maxUploadBytes: 20 * 1024 * 1024,
  maxPerStream: 50,
  maxConcurrentUploads: 20,
  signedUrlSeconds: 1800,
  trashDays: 30,
  memory: { limitBytes: 16 * 1024 * 1024, ttlMs: 60 * 60 * 1000 },
  allowed: ['jpeg', 'png', 'gif', 'webp', 'bmp'],
}

export type ApiAnswer = { status: number; headers: Headers; text: string; json: never }

export type ApiApp = AsyncDisposable & {
  pictures: Awaited<ReturnType<typeof openImages>>
  imaging: ReturnType<typeof createImagingClient>
  media: FakeMedia
  live: Live
  db: Database
  databaseFile: string
  logLines: string[]
  accounts: Accounts
  streams: Streams
  rules: Http['rules']
  mounted: ReturnType<Http['mounted']>
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** As `fetch`, by nobody unless the headers say so. */
  ask(path: string, init?: RequestInit): Promise<Response>
  call(method: string, path: string, body?: unknown): Promise<ApiAnswer>
  /** As `call`, but throws on anything that is not 2xx. */
  ok<T>(method: string, path: string, body?: unknown): Promise<T>
  /** The problem of a call that must fail. */
  problem(method: string, path: string, body?: unknown): Promise<Problem>
  input(body?: Record<string, unknown>): Promise<InputResource>
  output(inputId: number, body: Record<string, unknown>): Promise<OutputResource>
}

export type ApiAppOptions = {
  publicUrl?: string
  udp?: { start: number; end: number }
  srt?: { start: number; end: number }
  denyPrivate?: boolean
  maxPerInput?: number
  door?: RtmpDoor
  images?: Partial<ImagesConfig>
  /** Of an earlier app: its database is opened again. */
  databaseFile?: string
  secretByte?: number
  /** Whether a slate's picture can be decoded; yes, where nobody asks an FFmpeg. */
  isDecodable?: Parameters<typeof openSlates>[0]['isDecodable']
}

/** The whole API in this process, with a real database and the fake media side; no socket, no thread, no child. */
export async function createApiApp(o: ApiAppOptions = {}): Promise<ApiApp> {
  const clock = systemClock
  const logLines: string[] = []
  const log = createLog({ level: 'debug', format: 'human', write: (line) => void logLines.push(line) })
  const databaseFile = o.databaseFile ?? join(tempDir('api'), 'weir.db')
  const db = await openDatabase({ url: `file:${databaseFile}`, log })
  await migrate({ client: db.client, migrations, copyDir: null, wallMs: clock.wall(), log })
  const media = createFakeMedia()
  const bus = createBus({ log })
  const secrets = createSecretBox(new Uint8Array(32).fill(o.secretByte ?? 1))
  const imaging = createImagingClient({
    workerUrl: imagingWorkerUrl,
    instance: crypto.randomUUID(),
    cacheDir: join(tempDir('api-cache'), 'cache'),
    maxWaiting: 20,
    clock,
    log,
  })
  const slates = openSlates({
    dir: join(dirname(databaseFile), 'slates'),
    inputIds: (await db.orm.select({ id: inputTable.id }).from(inputTable)).map(({ id }) => id),
    isDecodable: o.isDecodable ?? (async () => true),
    makeStill: (picture) => imaging.variantOnce({ ...picture, name: STILL_FILE }),
  })
  const slateOf = (inputId: number) => slates.find(inputId)?.file ?? null
  const live = createLive({ db, media, bus, clock, log, secrets, slateOf })
  await live.sync()
  const publicUrl = o.publicUrl ?? null
  const ports = createPorts({
    db,
    ranges: { udp: o.udp ?? { start: 5000, end: 5100 }, srt: o.srt ?? { start: 8900, end: 8990 } },
    reserved: { web: 8080, rtmp: [1935, 1936] },
    denyPrivate: o.denyPrivate ?? false,
    publicHost: publicUrl === null ? null : new URL(publicUrl).hostname,
  })
  const slice = { db, live, clock, ports, turns: createTurns() }
  const door = o.door ?? { port: 1935, tlsPort: null }
  const inputs = createInputs({ ...slice, secrets, door, slates })
  const limits = { maxPerInput: o.maxPerInput ?? 20, reconnectDelaySeconds: 5, maxReconnectAttempts: 0 }
  const outputs = createOutputs({ ...slice, secrets, limits })
  const sse = createSse({ clock })
  const pageSse = createSse({ clock, resumes: false })
  // Real as well, but no thread and no child before the first picture.
  const system = createFakeSystem(media, live, imaging, sse.clients)
  const urlOf = () => publicUrl ?? 'http://weir.example'
  const openReader = (host: string) => openPageReader({ inputs, outputs, live, system, urlOf }, host)
  const files = await openStaticFiles()
  const secretKey = new Uint8Array(32).fill(o.secretByte ?? 1)
  const cookieName = 'weir_session'
  const accounts = await openAccounts({ db, clock, log, secrets, secretKey, apiKey: KEY, cookieName })
  const people = () => accounts.users.all().map(({ id, name }) => ({ id, name }))
  const personName = (id: number) => people().find((each) => each.id === id)?.name ?? null
  const { streams, members, isLive, ...following } = await openStreams({ db, clock, log, bus, live, personName })
  accounts.users.whenGone(following.forgetPerson)
  const pictures = await openImages({
    config: { ...PICTURES, dir: join(dirname(databaseFile), 'stream-images'), ...o.images },
    db,
    streams: { ...streams, relationOf: streams.streamRelation },
    imaging,
    bus,
    secretKey,
    publicUrl,
    clock,
    log,
  })
  const feed = createEventFeed({ sse, bus, live, inputs, outputs, pictures, systemStatus: system.status, log })
  const feeds = { still: inputs.still, stillAt: live.stillAt, isLive }
  const view = createStreamView({ streams, feeds, pictures: pictures.forStreams })
  const pageStreams = { byId: streams.byId, fedBy: streams.fedBy, toPicture: view.toPicture }
  const pageFeed = createPageFeed({ sse: pageSse, bus, clock, log, live, openReader, streams: pageStreams })
  const inputChoices = async () =>
    (await inputs.list({ host: '', seesKeys: false })).map(({ id, name }) => ({ id, name }))
  const galleryPages = createGalleryPages({
    ...{ publicUrl, openReader, streams },
    ...{ images: pictures.images, rights: pictures.rights, index: pictures.table.index },
    ...PICTURES,
    ...o.images,
  })
  const galleries = { streams, toStream: view.toStream, members, images: pictures.images }
  const read = createSubjects({ ...accounts, galleries, media: { inputs, outputs, live } })
  const audit = createAudit({ db, clock, log, keepDays: 400, read })
  const isTokenGood = () => false
  const joinStream = toJoin({ members, clock })
  const entryPages = createEntryPages({ ...accounts, isTokenGood, joinStream, leadsToSetup: false, demo: false })
  const routes = createRoutes({
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
    session: createSessionRoutes({ ...accounts, isTokenGood, spendToken: () => null }),
    account: createAccountRoutes(accounts),
    users: createUserRoutes({ ...accounts, urlOf: () => 'http://weir.example' }),
    keys: createKeyRoutes(accounts),
    audit: createAuditRoutes(audit),
    faults: false,
    about: { version: 'test', serverUrl: '/' },
  })
  const http = createHttp({
    routes,
    pages: [
      ...createPages({
        ...{ publicUrl, openReader, cacheStats: pictures.cacheStats },
        openFront: toOpenFront({ streams, view }),
      }),
      ...createStreamPages({
        ...{ publicUrl, openReader, streams, view, members, people, inputChoices },
        gallery: galleryPages.gallery,
      }),
      ...galleryPages.pages,
      ...createPeoplePages({ publicUrl, openReader, accounts, audit, canSetUp: true }),
      ...entryPages,
    ],
    audit,
    mount: (app) => mountFiles(app, files),
    keys: accounts.keys,
    sessions: toCookieAuth(accounts.sessions),
    maxRequestBytes: pictures.maxRequestBytes,
    publicUrl,
    trustedProxies: [],
    clock,
    log,
  })

  const fetch = (path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers)
    headers.set('authorization', `Bearer ${KEY}`)
    return http.fetch(new Request(`http://weir.example${path}`, { ...init, headers }))
  }
  const call = async (method: string, path: string, body?: unknown): Promise<ApiAnswer> => {
    const json = { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
    const response = await fetch(path, { method, ...(body === undefined ? {} : json) })
    const text = await response.text()
    const isJson = /json/.test(response.headers.get('content-type') ?? '')
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: (isJson ? JSON.parse(text) : null) as never,
    }
  }
  const ok = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await call(method, path, body)
    if (answer.status >= 300) throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text}`)
    return answer.json
  }
  let made = 0

  return {
    pictures,
    imaging,
    media,
    live,
    db,
    databaseFile,
    logLines,
    accounts,
    streams,
    rules: http.rules,
    mounted: http.mounted(),
    fetch,
    ask: (path, init) => http.fetch(new Request(`http://weir.example${path}`, init)),
    call,
    ok,
    async problem(method, path, body) {
      const answer = await call(method, path, body)
      if (answer.status < 400) throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text}`)
      return answer.json
    },
    input: (body = {}) => ok('POST', '/api/inputs', { name: `Camera ${++made}`, ...body }),
    output: (inputId, body) => ok('POST', `/api/inputs/${inputId}/outputs`, { name: `Output ${++made}`, ...body }),
    async [Symbol.asyncDispose]() {
      audit.close()
      sse.close()
      pageSse.close()
      following.close()
      feed.close()
      pageFeed.close()
      await imaging.close()
      await pictures.close()
      await live.close()
      await db.close()
    },
  }
}

function createFakeSystem(
  media: FakeMedia,
  live: Live,
  imaging: ReturnType<typeof createImagingClient>,
  eventStreams: () => number,
) {
  const host = {
    cpu_count: 1,
    cpu_percent: null,
    load: [0, 0, 0],
    memory_total_bytes: 1,
    memory_available_bytes: 1,
    disk_total_bytes: 1,
    disk_free_bytes: 1,
  }
  const process = { cpu_percent: null, memory_bytes: 1, memory_anonymous_bytes: null }
  return createSystem({
    version: 'test',
    clock: systemClock,
    figures: { host: () => host, process: () => process, stop: () => undefined },
    lag: { worstMs: () => 0, stop: () => undefined },
    logRing: { push: () => undefined, page: () => [], count: () => 0 },
    settings: [],
    ffmpegPath: 'ffmpeg',
    inspectFfmpeg: async () => ({ version: 'test', protocols: [] }),
    log: createLog({ level: 'error', format: 'human', write: () => undefined }),
    media,
    imaging,
    counts: live.counts,
    pingDatabase: async () => undefined,
    eventStreams,
    isReady: () => true,
  })
}
