/** @jsxImportSource hono/jsx */
import type { JSX } from 'hono/jsx/jsx-runtime'
import { ZodError } from 'zod'
import { AppError, isAppError } from '../errors.ts'
import { BarePage } from '../ui/layout.tsx'
import { LinkButton } from '../ui/button.tsx'
import { ProblemNotice, ProblemPage } from '../ui/problem.tsx'
import { may } from '../lib/access.ts'
import type { HttpContext } from './endpoint.ts'
import { answerHtml } from './html.ts'
import { toInvalid } from './input.ts'
import { toLoginPath, toNextPath } from './next-path.ts'
import { isHtmx, replyPage, wantsHtml } from './reply.tsx'
import { themeOf } from './theme.ts'

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

/** Of each status, in a few words. */
export const TITLES: Record<number, string> = {
  400: 'Malformed request',
  401: 'Sign in first',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  410: 'Gone',
  413: 'Too large',
  415: 'Unsupported type',
  416: 'Out of range',
  422: 'Invalid',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Unavailable',
  507: 'Disk full',
}

/** Somebody knocks with a wrong key or an old link; more of them from one address end in `auth.limited`, which is silent. */
const WRONG_SECRETS = new Set(['auth.wrong_key', 'session.refused', 'setup.refused'])

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
  if (wantsHtml(c)) return toHtml(c, problem, headers)
  headers.set('content-type', 'application/problem+json')
  return new Response(JSON.stringify(problem), { status: problem.status, headers })
}

/** A message above the page that asked, or a page of its own. A stranger who looks for a page is sent to sign in. */
function toHtml(c: HttpContext, problem: Problem, headers: Headers): Response {
  const { status } = problem
  const files = c.get('pageFiles')
  if (isHtmx(c) || !files) {
    // Whatever was asked for is not in this answer, so it must not take that place.
    headers.set('hx-retarget', '#toasts')
    headers.set('hx-reswap', 'beforeend')
    return answerHtml(c, String(<ProblemNotice problem={problem} loginUrl={toLoginUrl(c, status)} />), {
      status,
      headers,
    })
  }
  const isLooking = c.req.method === 'GET' || c.req.method === 'HEAD'
  if (status === 401 && isLooking && !c.req.path.startsWith('/api/')) {
    headers.set('location', toLoginPath(pathOf(c)))
    return new Response(null, { status: 303, headers })
  }
  const page = (
    <BarePage {...files} title={problem.title} theme={themeOf(c)}>
      <ProblemPage
        problem={problem}
        loginUrl={toLoginUrl(c, status)}
        retryUrl={isLooking ? pathOf(c) : null}
        seesSystem={may(c.get('actor'), 'operate')}
      />
    </BarePage>
  )
  return replyPage(c, page, { status, headers })
}

/**
 * A refused form, filled in again with its messages: in the place of the form where HTMX asked, else on a page of its own.
 */
export function toFormResponse(c: HttpContext, error: AppError, form: JSX.Element): Response {
  const { status } = error
  const files = c.get('pageFiles')
  if (isHtmx(c) || !files) return answerHtml(c, String(form), { status })
  const page = (
    <BarePage {...files} title="Not saved yet" theme={themeOf(c)} wide>
      <h1>Not saved yet</h1>
      <div class="card card-pad">{form}</div>
      <p>
        <LinkButton label="Leave it as it was" kind="quiet" href={toReferrer(c)} />
      </p>
    </BarePage>
  )
  return replyPage(c, page, { status, headers: toWait(error) })
}

/** The page of a refused form, which shows it again. */
export function toPageResponse(error: AppError, page: Response): Response {
  const headers = new Headers(page.headers)
  for (const [name, value] of toWait(error)) headers.set(name, value)
  return new Response(page.body, { status: error.status, headers })
}

function toWait({ retryAfterSeconds }: AppError): Headers {
  return new Headers(retryAfterSeconds === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterSeconds)) })
}

/** The page of ours that the form was sent from. */
function toReferrer(c: HttpContext): string {
  const from = c.req.header('referer') ?? ''
  if (!URL.canParse(from) || new URL(from).host !== new URL(c.req.url).host) return '/'
  const { pathname, search } = new URL(from)
  return toNextPath(pathname + search)
}

function pathOf(c: HttpContext): string {
  const { pathname, search } = new URL(c.req.url)
  return pathname + search
}

/** Where signing in helps: back to the page that is open, or to the one that was asked for. */
function toLoginUrl(c: HttpContext, status: number): string | null {
  if (status !== 401) return null
  const current = c.req.header('hx-current-url')
  if (current && URL.canParse(current)) {
    const { pathname, search } = new URL(current)
    return toLoginPath(toNextPath(pathname + search))
  }
  return toLoginPath(c.req.path.startsWith('/api/') ? '/' : toNextPath(pathOf(c)))
}

function toShown(c: HttpContext, error: unknown): AppError {
  if (isAppError(error)) {
    if (error.kind === 'unavailable') c.get('log')?.warn('request could not be served now', { code: error.code })
    else if (error.status >= 500) c.get('log')?.error('request failed', { code: error.code, error })
    if (WRONG_SECRETS.has(error.code))
      c.get('log')?.warn('a wrong password, key or link was shown', { address: c.get('clientAddress') })
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
