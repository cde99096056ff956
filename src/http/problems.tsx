/** @jsxImportSource hono/jsx */
import { ZodError } from 'zod'
import { AppError, isAppError } from '../errors.ts'
import { ProblemNotice } from '../ui/problem.tsx'
import type { HttpContext } from './endpoint.ts'
import { toInvalid } from './input.ts'
import { wantsHtml } from './reply.tsx'

/** RFC 9457 problem details with our own members `code` and `request_id`. */
export type Problem = {
  type: string
  title: string
  status: number
  detail: string
  code: string
  request_id: string
  errors?: { path: string; message: string }[]
}

const TITLES: Record<number, string> = {
  400: 'Malformed request',
  401: 'Who are you?',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  410: 'Gone',
  413: 'Too large',
  415: 'Unsupported type',
  422: 'Invalid',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Unavailable',
  507: 'Disk full',
}

/**
 * The only catcher of the HTTP edge. An AppError shows its public half; whatever else becomes a 500 that says nothing
 * but the request id, under which the log has the rest.
 */
export function toProblemResponse(c: HttpContext, error: unknown): Response {
  const shown = toShown(c, error)
  const problem: Problem = {
    type: 'about:blank',
    title: TITLES[shown.status] ?? 'Error',
    status: shown.status,
    detail: shown.message,
    code: shown.code,
    request_id: c.get('requestId') ?? '',
    ...(shown.errors ? { errors: shown.errors } : {}),
  }
  const headers = new Headers({ vary: 'Accept, HX-Request', 'cache-control': 'no-store' })
  if (shown.retryAfterSeconds !== undefined) headers.set('retry-after', String(Math.ceil(shown.retryAfterSeconds)))
  if (shown.status === 401) headers.set('www-authenticate', 'Bearer realm="weir"')
  if (wantsHtml(c)) {
    headers.set('content-type', 'text/html; charset=utf-8')
    return new Response(String(<ProblemNotice problem={problem} />), { status: problem.status, headers })
  }
  headers.set('content-type', 'application/problem+json')
  return new Response(JSON.stringify(problem), { status: problem.status, headers })
}

function toShown(c: HttpContext, error: unknown): AppError {
  if (isAppError(error)) {
    if (error.status >= 500) c.get('log')?.error('request failed', { code: error.code, error })
    return error
  }
  if (error instanceof ZodError) return toInvalid(error)
  c.get('log')?.error('request failed', { error })
  return new AppError({
    kind: 'internal',
    code: 'internal',
    message: 'Something went wrong inside Weir.',
    cause: error,
  })
}
