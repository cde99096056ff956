import type { Route } from '../http/router.ts'
import type { createKeyRoutes, createUserRoutes } from './users.routes.tsx'

/** The rows of the table of routes that are about people and keys; the command line has them without a server too. */
export function createPeopleTable({
  users,
  keys,
}: {
  users: ReturnType<typeof createUserRoutes>
  keys: ReturnType<typeof createKeyRoutes>
}): Route[] {
  return [
    { method: 'GET', path: '/api/users', access: 'manage', endpoint: users.list },
    { method: 'POST', path: '/api/users', access: 'manage', endpoint: users.create },
    { method: 'GET', path: '/api/users/:id', access: 'manage', endpoint: users.get },
    { method: 'PATCH', path: '/api/users/:id', access: 'manage', endpoint: users.edit },
    // A plain form knows no PATCH.
    { method: 'POST', path: '/api/users/:id', access: 'manage', endpoint: users.edit },
    { method: 'DELETE', path: '/api/users/:id', access: 'manage', endpoint: users.remove },
    // Nor DELETE.
    { method: 'POST', path: '/api/users/:id/delete', access: 'manage', endpoint: users.remove },
    { method: 'POST', path: '/api/users/:id/reset', access: 'manage', endpoint: users.reset },
    { method: 'GET', path: '/api/keys', access: 'keys', endpoint: keys.list },
    { method: 'POST', path: '/api/keys', access: 'keys', endpoint: keys.create },
    { method: 'GET', path: '/api/keys/:id', access: 'keys', endpoint: keys.get },
    { method: 'PATCH', path: '/api/keys/:id', access: 'keys', endpoint: keys.edit },
    { method: 'DELETE', path: '/api/keys/:id', access: 'keys', endpoint: keys.remove },
    { method: 'POST', path: '/api/keys/:id/delete', access: 'keys', endpoint: keys.remove },
  ]
}
