import type { Context } from 'hono'
import type { JSX } from 'hono/jsx/jsx-runtime'
import type { ZodType } from 'zod'
import { type AppError, type ErrorKind, type FieldError, isAppError } from '../errors.ts'
import type { Right, Role, Scope } from '../lib/access.ts'
import type { Log } from '../lib/log.ts'
import type { PageFiles } from '../ui/layout.tsx'
import type { FormTable, Typed } from './form.ts'
import { readBody, readParams, readQuery } from './input.ts'
import { toFormResponse } from './problems.tsx'
import { wantsHtml } from './reply.tsx'

/** Who asks. `key` shows an API key, `session` signed in, `weir` is the server itself, `anonymous` showed nothing. */
export type Actor = {
  kind: 'key' | 'session' | 'weir' | 'anonymous'
  /** `user:3`, `key:2`, `key` (the server's own), `session` (signed in with that), `weir`, `anonymous`. */
  id: string
  /** As the history names them. */
  name: string
  /** Null for strangers. Read anew for each request. */
  role: Role | null
  /** Of a key; null for a person in a browser, who has no such limits. */
  scopes: readonly Scope[] | null
  /** The person; null where there is none. */
  user: { id: number; email: string; name: string } | null
  /** Hashes of the personal links that this browser has followed; whether one still opens anything, its stream knows. */
  passes?: readonly string[]
  /** Of the session, as the API names it. */
  sessionId?: string
  /** False once the session or key has ended or means less: whatever it still has open must end too. Absent where nothing can end. */
  isCurrent?: () => boolean
}

export const STRANGER: Actor = {
  kind: 'anonymous',
  id: 'anonymous',
  name: 'anonymous',
  role: null,
  scopes: null,
  user: null,
}

/** The right that a route asks for (lib/access). */
export type Access = Right

/** What every request carries through Hono. `server` is absent when a test calls `fetch` without a socket. */
export type HttpEnv = {
  Bindings: { server?: Bun.Server<undefined>; actor?: Actor }
  Variables: {
    requestId: string
    actor: Actor
    clientAddress: string
    /** The request came by https, as far as this server or a proxy that it trusts can tell. */
    isSecure: boolean
    /** There where a key was shown that is not right: counts it and answers what to tell. */
    refuseKey?: () => AppError
    log: Log
    /** What a page that stands alone loads; absent where a test has no pages. */
    pageFiles?: PageFiles
    /** What the body's form said, without its secrets. */
    typed?: Typed
    /** Which fields the body has. */
    fields?: string[]
    /** A refusal that a plain form is led back from by a redirect; the audit log calls it by its name. */
    refusal?: AppError
    /** What the audit log is told beyond what it sees itself. */
    about?: Record<string, unknown>
  }
}
export type HttpContext = Context<HttpEnv>

type Description = {
  summary: string
  /** Group in the OpenAPI document: `inputs`, `outputs`, `system`. */
  tag: string
  /** Status of the good answer; default 200. */
  status?: number
  response?: ZodType
  /** What answers where it is not JSON: `image/jpeg`. */
  mediaType?: string
  example?: { request?: unknown; response?: unknown }
  /** It takes one file: the field of a form that has it, where it is not the whole body. */
  upload?: string
  /** Largest body in bytes; 64 KiB where it says nothing. */
  maxBodyBytes?: number
  /** Refusals of its own; those that follow from access, parameters and body are known. */
  refusals?: readonly ErrorKind[]
}

export type EndpointDefinition<P, Q, B> = Description & {
  params?: ZodType<P>
  query?: ZodType<Q>
  body?: ZodType<B>
  /** What the fields of a form stand for, where the body may come from one. */
  form?: FormTable
  /** The form again, with a message at each field and what was typed; shown where HTML is asked for and the body is refused. */
  invalidFragment?(x: {
    c: HttpContext
    params: P
    query: Q
    errors: FieldError[]
    typed: Typed
  }): Promise<JSX.Element> | JSX.Element
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
  const { handle, invalidFragment, ...description } = def
  return {
    ...description,
    async run(c) {
      const params = def.params ? await readParams(c, def.params) : (undefined as P)
      const query = def.query ? await readQuery(c, def.query) : (undefined as Q)
      try {
        const body = def.body ? await readBody(c, def.body, def.form) : (undefined as B)
        return await handle({ c, params, query, body, actor: c.get('actor') })
      } catch (error) {
        const typed = c.get('typed')
        if (!invalidFragment || !typed || !wantsHtml(c) || !isAppError(error)) throw error
        if (error.kind !== 'invalid' && error.kind !== 'conflict') throw error
        const errors = error.errors ?? [{ path: '', message: error.message }]
        return toFormResponse(c, error, await invalidFragment({ c, params, query, errors, typed }))
      }
    },
  }
}
