import type { Context } from 'hono'
import type { ZodType } from 'zod'
import type { Log } from '../lib/log.ts'
import type { FormFields } from './form.ts'
import { readBody, readParams, readQuery } from './input.ts'

/** Who asks. `key` shows the API key, `session` signed in with it, `weir` is the server itself, `anonymous` showed nothing. */
export type Actor = {
  kind: 'key' | 'session' | 'weir' | 'anonymous'
  name: string
  /** False once the session has ended: whatever it still has open must end too. Absent where nothing can end. */
  isCurrent?: () => boolean
}

/** Who may ask: anyone, or whoever holds the key or a session that began with it. */
export type Access = 'public' | 'key'

/** What every request carries through Hono. `server` is absent when a test calls `fetch` without a socket. */
export type HttpEnv = {
  Bindings: { server?: Bun.Server<undefined> }
  Variables: { requestId: string; actor: Actor; clientAddress: string; log: Log }
}
export type HttpContext = Context<HttpEnv>

type Description = {
  summary: string
  /** Group in the OpenAPI document: `inputs`, `outputs`, `system`. */
  tag: string
  /** Status of the good answer; default 200. */
  status?: number
  response?: ZodType
  example?: { request?: unknown; response?: unknown }
}

export type EndpointDefinition<P, Q, B> = Description & {
  params?: ZodType<P>
  query?: ZodType<Q>
  body?: ZodType<B>
  /** What the fields of a form stand for, where the body may come from one. */
  form?: FormFields
  handle(x: { c: HttpContext; params: P; query: Q; body: B; actor: Actor }): Promise<Response> | Response
}

/** One operation: its description for OpenAPI, and how to run it. */
export type Endpoint = Description & {
  params?: ZodType
  query?: ZodType
  body?: ZodType
  run(c: HttpContext): Promise<Response>
}

/**
 * Describes one operation once, for validation and for OpenAPI. Path parameters that do not fit are 404 (there is no
 * such thing), a query or body that does not fit is 422 with one entry per field. `handle` gets parsed values only.
 */
export function endpoint<P, Q, B>(def: EndpointDefinition<P, Q, B>): Endpoint {
  const { handle, ...description } = def
  return {
    ...description,
    async run(c) {
      const params = def.params ? readParams(c, def.params) : (undefined as P)
      const query = def.query ? readQuery(c, def.query) : (undefined as Q)
      const body = def.body ? await readBody(c, def.body, def.form) : (undefined as B)
      return handle({ c, params, query, body, actor: c.get('actor') })
    },
  }
}
