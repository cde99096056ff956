import { describe, expect, test } from 'bun:test'
import { z } from 'zod'
import { endpoint } from '../../../src/http/endpoint.ts'
import { toOpenApi } from '../../../src/http/openapi.ts'
import type { Route } from '../../../src/http/router.ts'

const handle = () => new Response()
const params = z.object({ id: z.coerce.number().int().positive(), oid: z.coerce.number().int() })
const thing = z.object({ id: z.int(), name: z.string(), options: z.object({ ttl: z.int().default(1) }) })

const routes: Route[] = [
  {
    method: 'PATCH',
    path: '/api/things/:id/parts/:oid',
    access: 'see',
    endpoint: endpoint({
      summary: 'Change.',
      tag: 'things',
      params,
      query: z.strictObject({ limit: z.coerce.number().int().max(200).default(50), must: z.string() }),
      body: z.strictObject({ name: z.string().max(255).optional(), options: z.object({ ttl: z.int().default(1) }) }),
      response: thing,
      example: { request: { name: 'x' }, response: { id: 1 } },
      handle,
    }),
  },
  {
    method: 'DELETE',
    path: '/api/things/:id/parts/:oid',
    access: 'see',
    endpoint: endpoint({ summary: 'Gone.', tag: 'things', params, status: 204, handle }),
  },
  { method: 'GET', path: '/health', access: 'public', endpoint: endpoint({ summary: 'Up?', tag: 'system', handle }) },
]

// biome-ignore lint/suspicious/noExplicitAny: a document of any shape is looked into here.
const document = () => toOpenApi(routes, { version: '1.2.3', serverUrl: '/' }) as any

describe('toOpenApi', () => {
  test('one path holds its methods, parameters in braces', () => {
    expect(Object.keys(document().paths)).toEqual(['/api/things/{id}/parts/{oid}', '/health'])
    expect(Object.keys(document().paths['/api/things/{id}/parts/{oid}'])).toEqual(['patch', 'delete'])
  })

  test('parameters come from the schemas', () => {
    const { parameters } = document().paths['/api/things/{id}/parts/{oid}'].patch
    expect(parameters.map((p: { name: string; in: string; required: boolean }) => [p.name, p.in, p.required])).toEqual([
      ['id', 'path', true],
      ['oid', 'path', true],
      ['limit', 'query', false],
      ['must', 'query', true],
    ])
    expect(parameters[2].schema).toMatchObject({ type: 'integer', maximum: 200, default: 50 })
  })

  test('a body is what one may send, an answer what one gets', () => {
    const { requestBody, responses } = document().paths['/api/things/{id}/parts/{oid}'].patch
    const sent = requestBody.content['application/json']
    expect(sent.schema.additionalProperties).toBe(false)
    expect(sent.schema.properties.options.required).toBeUndefined()
    expect(sent.example).toEqual({ name: 'x' })
    const got = responses['200'].content['application/json']
    expect(got.schema.properties.options.required).toEqual(['ttl'])
    expect(got.example).toEqual({ id: 1 })
  })

  test('204 has no content; every operation can answer a problem', () => {
    const { responses } = document().paths['/api/things/{id}/parts/{oid}'].delete
    expect(responses['204'].content).toBeUndefined()
    expect(responses.default).toEqual({ $ref: '#/components/responses/Problem' })
  })

  test('the key is asked for everywhere but on public routes', () => {
    expect(document().security).toHaveLength(3)
    expect(document().paths['/health'].get.security[0]).toEqual({})
    expect(document().paths['/api/things/{id}/parts/{oid}'].patch.security).toBeUndefined()
  })

  test('a route that does not describe its parameters is a mistake of ours', () => {
    const bad: Route = {
      method: 'GET',
      path: '/api/x/:id',
      access: 'see',
      endpoint: endpoint({ summary: '', tag: 'x', handle }),
    }
    expect(() => toOpenApi([bad], { version: '1', serverUrl: '/' })).toThrow('does not describe')
  })
})
