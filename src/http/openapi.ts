import { type ZodType, z } from 'zod'
import type { Endpoint } from './endpoint.ts'
import type { Route } from './router.ts'

type Json = Record<string, unknown>

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
      responses: {
        Problem: {
          description: 'What went wrong (RFC 9457).',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
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
    responses: {
      [String(endpoint.status ?? 200)]: toAnswer(endpoint),
      default: { $ref: '#/components/responses/Problem' },
    },
  }
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

function toAnswer(endpoint: Endpoint): Json {
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
