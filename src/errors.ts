/** The kinds of failure a caller can be told about, each with its HTTP status. */
export const ERROR_STATUS = {
  malformed: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  gone: 410,
  too_large: 413,
  unsupported: 415,
  out_of_range: 416,
  invalid: 422,
  busy: 429,
  internal: 500,
  unavailable: 503,
  disk_full: 507,
} as const

export type ErrorKind = keyof typeof ERROR_STATUS

/** One complaint about one field; `path` is dotted and in the words of the API (`options.latency_ms`). */
export type FieldError = { path: string; message: string }

export type AppErrorInit = {
  kind: ErrorKind
  /** Stable machine text such as `input.port_taken`. */
  code: string
  /** Safe to show to anyone: no path, no secret, no stack. */
  message: string
  errors?: FieldError[]
  retryAfterSeconds?: number
  /** Private: logged, never sent. */
  cause?: unknown
}

/** What crosses a thread: classes do not survive structuredClone. */
export type WireError = Omit<AppErrorInit, 'cause'>

const BRAND = Symbol.for('weir.AppError')

/** A failure with a public half (kind, code, message, errors) and a private cause. */
export class AppError extends Error {
  readonly kind: ErrorKind
  readonly code: string
  readonly errors: FieldError[] | undefined
  readonly retryAfterSeconds: number | undefined
  readonly [BRAND] = true

  constructor(init: AppErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause })
    this.name = 'AppError'
    this.kind = init.kind
    this.code = init.code
    this.errors = init.errors
    this.retryAfterSeconds = init.retryAfterSeconds
  }

  get status(): number {
    return ERROR_STATUS[this.kind]
  }
}

export function isAppError(value: unknown): value is AppError {
  return typeof value === 'object' && value !== null && BRAND in value
}

/** Plain data for a message; anything that is not an AppError becomes `internal` with its text hidden. */
export function toWireError(value: unknown): WireError {
  if (!isAppError(value)) return { kind: 'internal', code: 'internal', message: 'Something went wrong inside Weir.' }
  const wire: WireError = { kind: value.kind, code: value.code, message: value.message }
  if (value.errors) wire.errors = value.errors
  if (value.retryAfterSeconds !== undefined) wire.retryAfterSeconds = value.retryAfterSeconds
  return wire
}

export function fromWireError(wire: WireError): AppError {
  return new AppError(wire)
}

/** 422 about one field; the commonest error of the API. */
export function invalidField(path: string, message: string, code = 'invalid'): AppError {
  return new AppError({ kind: 'invalid', code, message: `${path}: ${message}`, errors: [{ path, message }] })
}
