import { type ZodType, z } from 'zod'
import { ERROR_STATUS, type ErrorKind, type FieldError } from '../errors.ts'
import type { Endpoint } from './endpoint.ts'
import { TITLES } from './problems.tsx'
import type { Route } from './router.ts'

type Json = Record<string, unknown>

/** An example of each refusal that the document names. */
const REFUSALS: Partial<Record<ErrorKind, { code: string; detail: string; errors?: FieldError[] }>> = {
  malformed: { code: 'malformed', detail: 'The body is not valid JSON.' },
  unauthorized: { code: 'auth.no_key', detail: 'Show the API key (Authorization: Bearer KEY), or sign in.' },
  forbidden: { code: 'auth.not_allowed', detail: 'Your role or your key does not allow this.' },
  not_found: { code: 'input.not_found', detail: 'There is no such input.' },
  conflict: { code: 'input.name_taken', detail: 'Another input has this name.' },
  gone: { code: 'link.used', detail: 'This link is used up or too old. Ask for a new one.' },
  too_large: { code: 'too_large', detail: 'A body may have at most 65536 bytes.' },
  unsupported: { code: 'unsupported_type', detail: 'Send application/json or application/x-www-form-urlencoded.' },
  out_of_range: { code: 'image.range', detail: 'The file has 2048 bytes, and what was asked for begins behind them.' },
  invalid: {
    code: 'invalid',
    detail: 'udp_port: From 1 to 65535.',
    errors: [{ path: 'udp_port', message: 'From 1 to 65535.' }],
  },
  disk_full: { code: 'image.disk_full', detail: 'The disk of the server is nearly full.' },
  busy: { code: 'auth.limited', detail: 'Too many wrong keys came from your address. Wait a little.' },
  unavailable: { code: 'media.unavailable', detail: 'The media worker of this input is being started again.' },
}

const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string().describe('Stable machine text such as `input.port_taken`.'),
  request_id: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
})

/**
 * The OpenAPI 3.1 document of the table of routes, from the same schemas that validate. Only /api and the health
 * addresses are in it.
 */
export function toOpenApi(routes: readonly Route[], o: { version: string; serverUrl: string }): Json {
  const paths: Record<string, Json> = {}
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    const operations = paths[path] ?? {}
    operations[route.method.toLowerCase()] = toOperation(route, path)
    paths[path] = operations
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Weir',
      version: o.version,
      description: 'A live feed comes in and is pushed to many destinations.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: o.serverUrl }],
    security: [{ bearer: [] }, { header: [] }, { basic: [] }],
    paths,
    components: {
      schemas: { Problem: toSchema(problem, 'output') },
      responses: toProblemResponses(),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        header: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
        basic: { type: 'http', scheme: 'basic', description: 'The key as password; the user does not matter.' },
      },
    },
  }
}

function toOperation({ method, path: pattern, access, endpoint }: Route, path: string): Json {
  const words = path.split('/').filter((part) => part !== '')
  const parameters = [...toParameters(endpoint.params, 'path'), ...toParameters(endpoint.query, 'query')]
  const missing = [...pattern.matchAll(/:(\w+)/g)].filter(([, name]) => !parameters.some((p) => p['name'] === name))
  if (missing.length > 0) throw new Error(`${method} ${pattern} does not describe ${missing.join(' ')}`)
  return {
    operationId: [method.toLowerCase(), ...words.map((word) => word.replace(/\W/g, '_'))].join('_'),
    summary: endpoint.summary,
    tags: [endpoint.tag],
    ...(access === 'public' ? { security: [{}, { bearer: [] }] } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(endpoint.body ? { requestBody: toRequestBody(endpoint.body, endpoint.example?.request) } : {}),
    ...(endpoint.upload ? { requestBody: toUpload(endpoint.upload) } : {}),
    responses: {
      [String(endpoint.status ?? 200)]: toAnswer(endpoint),
      ...Object.fromEntries(refusalsOf(method, access, endpoint).map((kind) => [ERROR_STATUS[kind], refTo(kind)])),
      default: { $ref: '#/components/responses/Problem' },
    },
  }
}

/** How an operation can refuse: what follows from its parts, and what it names itself. */
function refusalsOf(method: Route['method'], access: Route['access'], endpoint: Endpoint): ErrorKind[] {
  const kinds = new Set<ErrorKind>(endpoint.refusals)
  const add = (applies: unknown, ...more: ErrorKind[]) => applies && more.forEach((kind) => void kinds.add(kind))
  add(access !== 'public', 'unauthorized', 'forbidden', 'busy')
  add(method !== 'GET', 'forbidden')
  add(endpoint.params, 'not_found')
  add(endpoint.query, 'invalid')
  add(endpoint.upload, 'malformed', 'too_large', 'unsupported', 'invalid', 'unavailable', 'disk_full')
  add(endpoint.body, 'malformed', 'too_large', 'unsupported', 'invalid')
  return [...kinds]
}

const nameOf = (kind: ErrorKind) => `Problem${ERROR_STATUS[kind]}`
const refTo = (kind: ErrorKind) => ({ $ref: `#/components/responses/${nameOf(kind)}` })

function toProblemResponses(): Json {
  const schema = { $ref: '#/components/schemas/Problem' }
  const responses: Json = {
    Problem: { description: 'What went wrong (RFC 9457).', content: { 'application/problem+json': { schema } } },
  }
  for (const [kind, refusal] of Object.entries(REFUSALS) as [ErrorKind, NonNullable<(typeof REFUSALS)[ErrorKind]>][]) {
    const status = ERROR_STATUS[kind]
    const title = TITLES[status] ?? ''
    const example = { type: 'about:blank', title, status, ...refusal, request_id: '5f1c9a0e6b7d4c32' }
    const waits = kind === 'busy' || kind === 'unavailable'
    responses[nameOf(kind)] = {
      description: `${title}.`,
      ...(waits && { headers: { 'Retry-After': { description: 'Seconds.', schema: { type: 'integer' } } } }),
      content: { 'application/problem+json': { schema, example } },
    }
  }
  return responses
}

function toRequestBody(body: ZodType, example: unknown): Json {
  const schema = toSchema(body, 'input')
  return {
    content: {
      'application/json': { schema, ...(example === undefined ? {} : { example }) },
      'application/x-www-form-urlencoded': { schema },
    },
  }
}

function toUpload(field: string): Json {
  const file = { type: 'string', format: 'binary' }
  const form = { type: 'object', properties: { [field]: file }, required: [field] }
  return {
    required: true,
    content: { 'application/octet-stream': { schema: file }, 'multipart/form-data': { schema: form } },
  }
}

function toAnswer(endpoint: Endpoint): Json {
  if (endpoint.mediaType)
    return { description: 'The answer.', content: { [endpoint.mediaType]: { schema: { type: 'string' } } } }
  if (!endpoint.response) return { description: endpoint.status === 204 ? 'Done.' : 'As the summary says.' }
  const example = endpoint.example?.response
  return {
    description: endpoint.status === 201 ? 'Created; `Location` says where.' : 'The answer.',
    content: {
      'application/json': {
        schema: toSchema(endpoint.response, 'output'),
        ...(example === undefined ? {} : { example }),
      },
    },
  }
}

function toParameters(schema: ZodType | undefined, place: 'path' | 'query'): Json[] {
  if (!schema) return []
  const { properties = {}, required = [] } = toSchema(schema, 'input') as { properties?: Json; required?: string[] }
  return Object.entries(properties).map(([name, inner]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    // What arrives in an address is text; a coerced field's own input type would be "anything".
    schema: Object.keys(inner as Json).length > 0 ? inner : { type: 'string' },
  }))
}

function toSchema(schema: ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' })
  return json
}
