import { endpoint, type HttpContext } from '../http/endpoint.ts'
import { reply } from '../http/reply.tsx'
import { auditPage, type AuditQuery, auditQuery } from './audit.schema.ts'
import type { Audit } from './audit.service.ts'

const NDJSON = 'application/x-ndjson'

/** All that fits, a line each; `asFile`: for a browser to keep. */
export function answerLines(
  c: HttpContext,
  audit: Pick<Audit, 'lines'>,
  query: AuditQuery,
  { asFile = false }: { asFile?: boolean } = {},
): Response {
  const headers = {
    ...{ 'content-type': NDJSON, 'cache-control': 'no-store', vary: 'Accept, HX-Request' },
    ...(asFile && { 'content-disposition': 'attachment; filename="weir-audit.jsonl"' }),
  }
  return new Response(c.req.raw.method === 'HEAD' ? null : audit.lines(query), { headers })
}

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
        return answerLines(c, audit, query)
      },
    }),
  }
}
