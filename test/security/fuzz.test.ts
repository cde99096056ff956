import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type ApiApp, createApiApp } from '../support/api-app.ts'

const REQUESTS = 10_000
/** Who keeps being there, and an administrator. */
const KEEPER = 'keeper@example.org'
const DEADLINE_MS = 240_000
/** So often what piled up is cleared away: a list of a thousand inputs would be all that is tested. */
const FRESH_EVERY = 400
/** One request of this process, with nothing to wait for; a busy machine included. */
const HANG_MS = 20_000

type Schema = {
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  properties?: Record<string, Schema>
  items?: Schema
  anyOf?: Schema[]
  minimum?: number
  maximum?: number
}
type Operation = {
  parameters?: { name: string; in: 'path' | 'query'; schema: Schema }[]
  requestBody?: { content: Record<string, { schema: Schema; example?: unknown }> }
}
type OpenApi = { paths: Record<string, Record<string, Operation>> }

let app: ApiApp
beforeAll(async () => {
  app = await createApiApp({ maxPerInput: 1000, udp: { start: 20_000, end: 40_000 } })
})
afterAll(() => app[Symbol.asyncDispose]())

/** Random numbers that are the same at every run (mulberry32), so that a failure can be had again. */
function seeded(seed: number) {
  let state = seed
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T
  return { next, pick, chance: (p: number) => next() < p }
}
const random = seeded(20_261_121)

const TEXTS = [
  '',
  ' ',
  'a',
  'Ünïcødé ✓ 日本語',
  'x'.repeat(300),
  'x'.repeat(20_000),
  'two\nlines',
  'nul\u0000byte',
  '\u2028\u202e',
  '\ud800',
  '../../etc/passwd',
  '..%2f..%2fetc%2fpasswd',
  '"><script>alert(1)</script>',
  "' OR 1=1 --",
  '#{7*7}{{7*7}}',
  '-i /etc/passwd',
  'file:///etc/passwd',
  'concat:/etc/passwd|/etc/shadow',
  'udp://127.0.0.1:9',
  'rtmp://127.0.0.1:9/live/key',
  'srt://169.254.169.254:9',
  'rtsp://[::ffff:a9fe:a9fe]/x',
  'udp://2852039166:9',
  'ruth@example.org',
  '2026-11-21T10:00:00Z',
  '__proto__',
  'constructor',
]
const NUMBERS = [0, 1, -1, 2, 999, 65_535, 65_536, 1e9, 2 ** 31, 2 ** 53, 1e308, -1e308, 0.5, 1e-9]
const JUNK = [null, true, false, [], {}, [[]], [null], { a: { b: { c: {} } } }, '', 0]

/** A value as the schema has it, most of the time. */
function valueFor(schema: Schema, depth = 0): unknown {
  if (depth > 5 || random.chance(0.15)) return random.pick([...JUNK, ...TEXTS, ...NUMBERS])
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return random.pick(schema.enum)
  if (schema.anyOf) return valueFor(random.pick(schema.anyOf), depth)
  const type = Array.isArray(schema.type) ? random.pick(schema.type) : schema.type
  if (type === 'object' || schema.properties) {
    const entries = Object.entries(schema.properties ?? {}).filter(() => random.chance(0.5))
    const value = Object.fromEntries(entries.map(([name, inner]) => [name, valueFor(inner, depth + 1)]))
    if (random.chance(0.05)) value[random.pick(TEXTS)] = random.pick(JUNK)
    return value
  }
  if (type === 'array')
    return Array.from({ length: Math.floor(random.next() * 4) }, () => valueFor(schema.items ?? {}, depth + 1))
  if (type === 'boolean') return random.chance(0.5)
  if (type === 'integer' || type === 'number') {
    if (random.chance(0.5)) return random.pick(NUMBERS)
    const [from, to] = [Math.max(schema.minimum ?? 1, -1e6), Math.min(schema.maximum ?? 20, 1e6)]
    return Math.floor(from + random.next() * (to - from))
  }
  return random.pick(TEXTS)
}

/** Ids that mostly are there, and the cookie of a person, for what belongs to people alone. */
let ids = [1]
let cookie = ''

async function refresh(): Promise<void> {
  // All at once: each waits until the worker has let go of it.
  const inputs = await app.ok<{ id: number }[]>('GET', '/api/inputs')
  await Promise.all(inputs.map(({ id }) => app.ok('DELETE', `/api/inputs/${id}`)))
  const input = await app.input({ kind: 'rtmp', enabled: false })
  const other = await app.input()
  const output = await app.output(input.id, { url: 'rtmp://127.0.0.1:9/live', stream_key: 'k' })
  const { users, sessions } = app.accounts
  for (const user of users.all()) if (user.email !== KEEPER) await users.remove(user.id).catch(() => undefined)
  const email = KEEPER
  const keeper = users.byEmail(email) ?? (await users.invite({ email, name: 'Keeper', role: 'admin' })).row
  const passwordHash = keeper.passwordHash ?? (await app.accounts.passwords.hash('seven swans a-swimming'))
  await users.update(keeper.id, { status: 'active', role: 'admin', passwordHash, totpOn: false })
  const start = { userId: keeper.id, userAgent: '', address: '', isSecure: false }
  cookie = (await sessions.start(start)).setCookie.split(';')[0] ?? ''
  ids = [input.id, input.id, other.id, output.id, output.id, 1, 2]
}

function toRequest(method: string, path: string, operation: Operation): { address: string; init: RequestInit } {
  const query = new URLSearchParams()
  let address = path
  for (const { name, in: place, schema } of operation.parameters ?? []) {
    const known = random.chance(0.6) ? String(random.pick(ids)) : String(valueFor(schema))
    if (place === 'path')
      address = address.replace(`{${name}}`, encodeURIComponent(known.toWellFormed().slice(0, 300) || 'x'))
    else if (random.chance(0.5)) query.append(name, String(valueFor(schema)).toWellFormed().slice(0, 2000))
  }
  if (random.chance(0.05)) query.append(random.pick(TEXTS).toWellFormed().slice(0, 100), 'x')
  const headers: Record<string, string> = {
    accept: random.pick(['*/*', 'application/json', 'text/html', 'text/html', 'application/x-ndjson']),
  }
  if (random.chance(0.3)) headers['hx-request'] = 'true'
  const init: RequestInit = { method, headers }
  const content = operation.requestBody?.content
  if (content || (method !== 'GET' && random.chance(0.1))) {
    const json = content?.['application/json']
    const isExample = json?.example !== undefined && random.chance(0.25)
    const body = isExample ? json.example : valueFor(json?.schema ?? {})
    const isForm = random.chance(0.3) && typeof body === 'object' && body !== null
    headers['content-type'] = isForm
      ? 'application/x-www-form-urlencoded'
      : random.pick(['application/json', 'application/json', 'application/merge-patch+json', 'text/plain', ''])
    const fields = () =>
      Object.entries(body as object).map(([name, value]): [string, string] => [
        name.toWellFormed(),
        typeof value === 'string' ? value.toWellFormed() : JSON.stringify(value),
      ])
    const text = isForm ? String(new URLSearchParams(fields())) : JSON.stringify(body)
    init.body = random.chance(0.03) ? text.slice(0, -1) : text
  }
  const search = query.size > 0 ? `?${query}` : ''
  return { address: address + search, init }
}

test(`${REQUESTS} requests made from the OpenAPI document: no 500, no hang, nothing told of the inside, no right won`, async () => {
  const document = await app.ok<OpenApi>('GET', '/api/openapi.json')
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )
  expect(operations.length).toBeGreaterThan(60)
  const admin = { authorization: 'Bearer api-test-key' }
  const viewer = await app.accounts.apiKeys.create(
    { name: 'fuzz', scopes: ['read'] },
    { kind: 'key', id: 'key', name: 'API key', role: 'admin', scopes: ['admin'], user: null },
  )
  const reader = { 'x-api-key': viewer.key ?? '' }
  const rights = new Map(
    app.rules.map(({ method, path, access }) => [`${method} ${path.replace(/:(\w+)/g, '{$1}')}`, access]),
  )
  const statuses = new Map<number, number>()
  const seen = new Set<string>()
  const startedAt = performance.now()

  for (let i = 0; i < REQUESTS; i++) {
    if (i % FRESH_EVERY === 0) await refresh()
    const { path, method, operation } = operations[i % operations.length]!
    const { address, init } = toRequest(method, path, operation)
    const who = random.pick(['admin', 'admin', 'person', 'person', 'reader', 'stranger'] as const)
    const shown = { admin, person: { cookie }, reader, stranger: {} }[who]
    const what = `#${i} ${who} ${method} ${address.slice(0, 300)} ${String(init.body ?? '').slice(0, 400)}`
    const began = performance.now()
    const answer = await app.ask(address, { ...init, headers: { ...(init.headers as object), ...shown } })
    const isStream = answer.headers.get('content-type') === 'text/event-stream'
    if (isStream) await answer.body?.cancel()
    const text = isStream ? '' : await answer.text()
    if (performance.now() - began > HANG_MS) throw new Error(`too long: ${what}`)
    if (answer.status >= 500 && answer.status !== 503)
      throw new Error(`${answer.status}: ${what}\n${text.slice(0, 500)}`)
    // A line of a stack is known by its end: a pattern for all of it takes seconds on a page that is one line.
    if (/node_modules|\.[jt]sx?:\d+:\d+|SQLITE_|LibsqlError|ZodError/.test(text))
      throw new Error(`the inside was told: ${what}\n${text.slice(0, 500)}`)
    if (text.includes('api-test-key')) throw new Error(`the key was told: ${what}`)
    // Who may not changes nothing, whatever they send: they are told so, or that there is no such stream or picture.
    const right = rights.get(`${method} ${path}`) ?? 'public'
    const refusals = /^(stream|picture)\./.test(right) ? [401, 403, 404, 429] : [401, 403, 429]
    const isRefusable = right !== 'public' && method !== 'GET' && (who === 'reader' || who === 'stranger')
    if (isRefusable && !refusals.includes(answer.status)) throw new Error(`${answer.status} for who may not: ${what}`)
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
    seen.add(`${method} ${path}`)
    if (performance.now() - startedAt > DEADLINE_MS) throw new Error(`only ${i} requests within the deadline`)
  }
  expect(seen.size).toBe(operations.length)
  // It got somewhere: things were made, and refused for every reason.
  const missing = [200, 201, 204, 400, 401, 403, 404, 409, 415, 422].filter((status) => !statuses.has(status))
  expect(missing).toEqual([])
  expect((await app.call('GET', '/api/inputs')).status).toBe(200)
  expect(app.logLines.filter((line) => line.includes('nobody caught this'))).toEqual([])
}, 300_000)
