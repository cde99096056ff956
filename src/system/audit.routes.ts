import { endpoint } from '../http/endpoint.ts'
import { reply } from '../http/reply.tsx'
import { auditPage, auditQuery } from './audit.schema.ts'
import type { Audit } from './audit.service.ts'

const NDJSON = 'application/x-ndjson'

/** Who did what. */
export function createAuditRoutes(audit: Audit) {
  return {
    list: endpoint({
      summary: `Who changed what and who was refused, newest first. With Accept: ${NDJSON} all of it, a line each.`,
      tag: 'audit',
      query: auditQuery,
      response: auditPage,
      example: { response: { items: [], next_cursor: null } },
      async handle({ c, query }) {
        if (!(c.req.header('accept') ?? '').includes(NDJSON)) return reply(c, { json: await audit.page(query) })
        const headers = { 'content-type': NDJSON, 'cache-control': 'no-store', vary: 'Accept, HX-Request' }
        return new Response(c.req.raw.method === 'HEAD' ? null : audit.lines(query), { headers })
      },
    }),
  }
}
