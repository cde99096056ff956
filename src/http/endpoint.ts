import type { Context } from 'hono'
import type { JSX } from 'hono/jsx/jsx-runtime'
import type { ZodType } from 'zod'
import { type AppError, type ErrorKind, type FieldError, isAppError } from '../errors.ts'
import type { Right, Role, Scope } from '../lib/access.ts'
import type { Log } from '../lib/log.ts'
import type { PageFiles } from '../ui/layout.tsx'
import type { FormTable, Typed } from './form.ts'
import { readBody, readParams, readQuery } from './input.ts'
import { toFormResponse, toPageResponse } from './problems.tsx'
import { isHtmx, wantsHtml } from './reply.tsx'

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
    /** A refusal that is answered by a form or a redirect; the audit log calls it by its name. */
    refusal?: AppError
    /** The pages of this server, by their paths; absent where there are none. */
    pages?: ReadonlyMap<string, (c: HttpContext) => Promise<Response> | Response>
    /** The form that was refused: its page shows it again. */
    refusedForm?: RefusedForm & { action: string }
    /** What the audit log is told beyond what it sees itself. */
    about?: Record<string, unknown>
  }
}
export type HttpContext = Context<HttpEnv>

/** What a form says when it is shown again: a message at each field, and what was typed. */
export type RefusedForm = { errors: readonly FieldError[]; values: Typed }

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

type Refused<P, Q> = { c: HttpContext; params: P; query: Q; errors: FieldError[]; typed: Typed }

export type EndpointDefinition<P, Q, B> = Description & {
  params?: ZodType<P>
  query?: ZodType<Q>
  body?: ZodType<B>
  /** What the fields of a form stand for, where the body may come from one. */
  form?: FormTable
  /** The form again, with a message at each field and what was typed; shown where HTML is asked for and the body is refused. */
  invalidFragment?(x: Refused<P, Q>): Promise<JSX.Element> | JSX.Element
  /**
   * Where the form is sent from page to page: the path of the page that it stands on (`/users/:id`, with the parameters of
   * this route), which shows it again by `refusedForm`; or an answer of its own.
   */
  page?: string | ((x: Refused<P, Q>) => Response | string)
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
  const { handle, invalidFragment, page, ...description } = def
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
        if (!typed || !wantsHtml(c) || !isAppError(error) || !OF_FORMS.has(error.kind)) throw error
        const errors = error.errors ?? [{ path: '', message: error.message }]
        const refused = { c, params, query, errors, typed }
        const shown = page && !isHtmx(c) ? await showPage(refused, page) : null
        const fragment = shown ? null : await invalidFragment?.(refused)
        if (!shown && !fragment) throw error
        c.set('refusal', error)
        return shown ? toPageResponse(error, shown) : toFormResponse(c, error, fragment as JSX.Element)
      }
    },
  }
}

/** What whoever filled in a form can mend, or wait for. */
const OF_FORMS = new Set<ErrorKind>(['invalid', 'conflict', 'busy'])

async function showPage<P, Q>(
  refused: Refused<P, Q>,
  page: NonNullable<EndpointDefinition<P, Q, unknown>['page']>,
): Promise<Response | null> {
  const { c, errors, typed } = refused
  const at = typeof page === 'string' ? page : page(refused)
  if (typeof at !== 'string') return at
  c.set('refusedForm', { action: c.req.path, errors, values: typed })
  return (await c.get('pages')?.get(at)?.(c)) ?? null
}

/** What the page says about the form that is sent to `action`; nothing where it was not refused. */
export function refusedForm(c: HttpContext, action: string): RefusedForm {
  const refused = c.get('refusedForm')
  return refused?.action === action ? refused : { errors: [], values: {} }
}
