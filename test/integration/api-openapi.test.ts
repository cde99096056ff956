import { beforeAll, describe, expect, test } from 'bun:test'
import { z } from 'zod'
import { createApiApp } from '../support/api-app.ts'

type Content = Record<string, { schema: Record<string, unknown>; example?: unknown }>
type Answer = { $ref?: string; description?: string; content?: Content }
type Operation = { requestBody?: { content: Content; description?: string }; responses: Record<string, Answer> }
type Document = {
  paths: Record<string, Record<string, Operation>>
  components: { responses: Record<string, Answer>; schemas: Record<string, Record<string, unknown>> }
}

let document: Document
let operations: [string, Operation][]

beforeAll(async () => {
  await using app = await createApiApp()
  document = await app.ok<Document>('GET', '/api/openapi.json')
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [
      `${method.toUpperCase()} ${path}`,
      operation,
    ]),
  )
})

const operation = (name: string) => operations.find(([each]) => each === name)?.[1] as Operation
const refusals = (name: string) =>
  Object.entries(operation(name).responses)
    .filter(([status]) => /^[45]/.test(status))
    .map(([status]) => Number(status))

/** Whether an example is what its schema says, nothing left out. */
function expectFits(name: string, { schema, example }: Content[string]): void {
  const result = z.fromJSONSchema(schema as never).safeParse(example)
  expect([name, result.error?.issues ?? []]).toEqual([name, []])
}

describe('examples', () => {
  test('every body that is sent has one that fits', () => {
    const isUpload = (body: (typeof operations)[number][1]['requestBody']) => body?.content['multipart/form-data']
    const sent = operations.filter(([, { requestBody }]) => requestBody && !isUpload(requestBody))
    expect(sent.length).toBeGreaterThan(4)
    for (const [name, { requestBody }] of sent) {
      const json = requestBody?.content['application/json']
      expect([name, json?.example]).toEqual([name, expect.anything()])
      if (json) expectFits(name, json)
    }
  })

  test('every answer in JSON has one that fits', () => {
    let seen = 0
    for (const [name, { responses }] of operations)
      for (const [status, { content }] of Object.entries(responses)) {
        const json = content?.['application/json']
        if (!/^2/.test(status) || !json || name === 'GET /api/openapi.json') continue
        seen++
        expect([name, json.example]).toEqual([name, expect.anything()])
        expectFits(name, json)
      }
    expect(seen).toBeGreaterThan(25)
  })

  test('every problem has one that fits the schema of problems', () => {
    const { Problem: schema } = document.components.schemas
    for (const [name, { content }] of Object.entries(document.components.responses)) {
      const json = content?.['application/problem+json']
      expect([name, json?.schema]).toEqual([name, { $ref: '#/components/schemas/Problem' }])
      if (name !== 'Problem') expectFits(name, { schema: schema ?? {}, example: json?.example })
    }
  })
})

describe('refusals', () => {
  test.each<[string, number[]]>([
    ['GET /healthz', []],
    ['POST /api/session', [400, 401, 403, 413, 415, 422, 429]],
    ['GET /api/inputs', [401, 403, 429]],
    ['POST /api/inputs', [400, 401, 403, 409, 413, 415, 422, 429]],
    ['GET /api/inputs/{id}', [401, 403, 404, 429]],
    ['PATCH /api/inputs/{id}', [400, 401, 403, 404, 409, 413, 415, 422, 429]],
    ['DELETE /api/inputs/{id}', [401, 403, 404, 429]],
    ['POST /api/inputs/{id}/start', [401, 403, 404, 429]],
    ['GET /api/inputs/{id}/events', [401, 403, 404, 422, 429]],
    ['GET /api/inputs/{id}/probe', [401, 403, 404, 429, 503]],
    ['POST /api/inputs/{id}/outputs', [400, 401, 403, 404, 409, 413, 415, 422, 429]],
    ['POST /api/inputs/{id}/outputs/{oid}/start', [401, 403, 404, 409, 429]],
    ['POST /api/inputs/{id}/outputs/{oid}/stop', [401, 403, 404, 429]],
    ['GET /api/events', [401, 403, 404, 422, 429, 503]],
    ['GET /api/system/logs', [401, 403, 422, 429]],
  ])('%s: %p', (name, expected) => {
    expect(refusals(name)).toEqual(expected)
  })

  test('each leads to a response of its status', () => {
    let seen = 0
    for (const [name, { responses }] of operations)
      for (const [status, { $ref }] of Object.entries(responses)) {
        if (/^2/.test(status)) continue
        seen++
        const wanted = status === 'default' ? 'Problem' : `Problem${status}`
        expect([name, $ref]).toEqual([name, `#/components/responses/${wanted}`])
        expect(document.components.responses[wanted]).toBeDefined()
      }
    expect(seen).toBeGreaterThan(100)
  })
})

test('a patch says what null means', () => {
  for (const name of ['PATCH /api/inputs/{id}', 'PATCH /api/inputs/{id}/outputs/{oid}'])
    expect(operation(name).requestBody?.content['application/json']?.schema['description']).toContain('never null')
})
