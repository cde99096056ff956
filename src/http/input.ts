import { zValidator } from '@hono/zod-validator'
import type { MiddlewareHandler } from 'hono'
import type { ZodError, ZodType } from 'zod'
import { AppError, type FieldError } from '../errors.ts'
import { toWords } from '../lib/zod-words.ts'
import type { HttpContext } from './endpoint.ts'
import { type FormTable, toBody, toTyped } from './form.ts'

/** JSON and form bodies; uploads are streamed and have limits of their own. */
export const MAX_BODY_BYTES = 64 * 1024
const MAX_DEPTH = 16
const MAX_ERRORS = 50

/** Parses the path's parameters; one that does not fit names nothing, hence 404. */
export function readParams<P>(c: HttpContext, schema: ZodType<P>): Promise<P> {
  const message = 'There is nothing at this address.'
  return validate(c, 'param', schema, () => new AppError({ kind: 'not_found', code: 'not_found', message }))
}

/** Parses the query; a name given twice arrives as a list. 422 with `query.<name>` paths left as `<name>`. */
export function readQuery<Q>(c: HttpContext, schema: ZodType<Q>): Promise<Q> {
  return validate(c, 'query', schema, toInvalid)
}

/** What Hono's validator finds at `target`; one that does not fit is told in our words. */
async function validate<T>(
  c: HttpContext,
  target: 'param' | 'query',
  schema: ZodType<T>,
  refuse: (error: ZodError) => AppError,
): Promise<T> {
  const middleware: MiddlewareHandler = zValidator(
    target,
    schema,
    (result) => {
      if (!result.success) throw refuse(result.error as ZodError)
    },
    { validationFunction: (_schema, value) => schema.safeParseAsync(value, { error: toWords }) },
  )
  await middleware(c, async () => undefined)
  return c.req.valid(target as never) as T
}

/**
 * Reads and parses a body of at most 64 KiB (zValidator's own reader knows no limit, merge patch or dotted names): JSON, or a form whose dotted names nest (`options.ttl=4`); `form` says what
 * the text of its fields stands for. No body counts as `{}`. 400 malformed, 413 too large, 415 another type, 422 does not fit.
 */
export async function readBody<B>(c: HttpContext, schema: ZodType<B>, form: FormTable = {}): Promise<B> {
  const text = await readText(c)
  if (text === '') return parse(schema, {})
  const type = (c.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  let value: unknown
  if (type === 'application/json' || type === 'application/merge-patch+json') value = parseJson(text)
  else if (type === 'application/x-www-form-urlencoded') {
    const fields = parseForm(text)
    const table = typeof form === 'function' ? form(fields) : form
    c.set('typed', toTyped(fields, table))
    value = toBody(fields, table)
  } else
    throw new AppError({
      kind: 'unsupported',
      code: 'unsupported_type',
      message: 'Send application/json or application/x-www-form-urlencoded.',
    })
  if (isRecord(value)) c.set('fields', Object.keys(value).slice(0, MAX_ERRORS))
  return parse(schema, value)
}

/** @throws AppError 422, in words for people */
export function parse<T>(schema: ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value, { error: toWords })
  if (result.success) return result.data
  throw toInvalid(result.error)
}

/** 422 from zod's issues, in the words of the API: dotted paths, unknown fields named one by one. */
export function toInvalid(error: ZodError): AppError {
  const errors: FieldError[] = []
  for (const issue of error.issues) {
    const path = issue.path.map(String).join('.')
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) errors.push({ path: path ? `${path}.${key}` : key, message: 'Unknown field.' })
    } else if (path === '' && issue.code === 'invalid_type')
      errors.push({ path, message: 'A JSON object is expected.' })
    else errors.push({ path, message: issue.message })
  }
  const shown = errors
    .slice(0, MAX_ERRORS)
    .map((e) => ({ path: e.path.slice(0, 200), message: e.message.slice(0, 500) }))
  return new AppError({
    kind: 'invalid',
    code: 'invalid',
    message: shown.length === 1 ? `${shown[0]?.path || 'body'}: ${shown[0]?.message}` : 'Some fields are not right.',
    errors: shown,
  })
}

async function readText(c: HttpContext): Promise<string> {
  const tooLarge = () =>
    new AppError({ kind: 'too_large', code: 'too_large', message: `A body may have at most ${MAX_BODY_BYTES} bytes.` })
  if (Number(c.req.header('content-length') ?? 0) > MAX_BODY_BYTES) throw tooLarge()
  const stream = c.req.raw.body
  if (!stream) return ''
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  // Leaving the loop cancels the stream, so a chunked body without a length is cut off at the limit too.
  for await (const chunk of stream as unknown as AsyncIterable<Uint8Array>) {
    sizeBytes += chunk.byteLength
    if (sizeBytes > MAX_BODY_BYTES) throw tooLarge()
    chunks.push(chunk)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch (cause) {
    throw malformed('The body is not UTF-8 text.', cause)
  }
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    if (isTooDeep(value, MAX_DEPTH)) throw malformed('The body is nested too deeply.')
    return value
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw malformed('The body is not valid JSON.', cause)
  }
}

function isTooDeep(value: unknown, left: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (left === 0) return true
  return Object.values(value).some((inner) => isTooDeep(inner, left - 1))
}

/** Form fields to plain data: dotted names nest, a repeated name is a list. Values stay text; schemas coerce. */
export function parseForm(text: string): Record<string, unknown> {
  const root: Record<string, unknown> = {}
  for (const [name, value] of new URLSearchParams(text)) {
    const parts = name.split('.')
    if (parts.length > MAX_DEPTH || parts.some((part) => part === '' || part === '__proto__'))
      throw malformed('A field name of the form is malformed.')
    let place = root
    for (const part of parts.slice(0, -1)) {
      const inner = Object.hasOwn(place, part) ? place[part] : undefined
      if (inner !== undefined && !isRecord(inner)) throw malformed('Two field names of the form contradict each other.')
      const next = inner ?? {}
      place[part] = next
      place = next
    }
    const last = parts.at(-1) ?? ''
    const before = Object.hasOwn(place, last) ? place[last] : undefined
    if (isRecord(before)) throw malformed('Two field names of the form contradict each other.')
    place[last] = before === undefined ? value : Array.isArray(before) ? [...before, value] : [before, value]
  }
  return root
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function malformed(message: string, cause?: unknown): AppError {
  return new AppError({ kind: 'malformed', code: 'malformed', message, cause })
}
