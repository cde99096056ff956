import { expect, test } from 'bun:test'
import { toAuditName } from '../../../src/http/audit.ts'

const TABLE = [
  ['GET', '/api/inputs'],
  ['POST', '/api/inputs'],
  ['PATCH', '/api/inputs/:id'],
  ['POST', '/api/inputs/:id'],
  ['DELETE', '/api/inputs/:id'],
  ['POST', '/api/inputs/:id/start'],
  ['POST', '/api/inputs/:id/publish-key'],
  ['GET', '/api/inputs/:id/logs'],
  ['POST', '/api/inputs/:id/outputs'],
  ['GET', '/api/inputs/:id/outputs/:oid'],
  ['POST', '/api/inputs/:id/outputs/start'],
  ['DELETE', '/api/inputs/:id/outputs/:oid'],
  ['POST', '/api/inputs/:id/outputs/:oid/start'],
  ['GET', '/api/session'],
  ['POST', '/api/session'],
  ['DELETE', '/api/session'],
  ['POST', '/api/setup'],
  ['POST', '/api/me/password'],
  ['GET', '/api/me'],
  ['POST', '/api/users/:id/reset'],
  ['GET', '/api/system/status'],
  ['GET', '/api/openapi.json'],
] as const
const routes = TABLE.map(([method, path]) => ({ method, path }))

test.each([
  ['POST /api/inputs', 'input.create', null, null],
  ['PATCH /api/inputs/:id', 'input.edit', 'id', null],
  ['POST /api/inputs/:id', 'input.edit', 'id', null],
  ['DELETE /api/inputs/:id', 'input.delete', 'id', null],
  ['POST /api/inputs/:id/start', 'input.start', 'id', null],
  ['POST /api/inputs/:id/publish-key', 'input.publish_key', 'id', null],
  ['GET /api/inputs/:id/logs', 'log.see', null, 'input::id'],
  ['POST /api/inputs/:id/outputs', 'output.create', null, 'input::id'],
  ['POST /api/inputs/:id/outputs/start', 'output.start', null, 'input::id'],
  ['POST /api/inputs/:id/outputs/:oid/start', 'output.start', 'oid', null],
  ['DELETE /api/inputs/:id/outputs/:oid', 'output.delete', 'oid', null],
  ['POST /api/session', 'session.create', null, null],
  ['DELETE /api/session', 'session.delete', null, null],
  ['POST /api/setup', 'setup.create', null, null],
  ['POST /api/me/password', 'me.password', null, null],
  ['POST /api/users/:id/reset', 'user.reset', 'id', null],
  ['GET /api/system/status', 'status.see', null, null],
  ['GET /api/openapi.json', 'openapi.see', null, null],
])('%s is %s', (route, action, param, parent) => {
  const [method = '', path = ''] = route.split(' ')
  const name = toAuditName({ method: method as 'GET', path }, routes)
  expect([`${name.noun}.${name.verb}`, name.param, name.parent]).toEqual([action, param, parent])
})
