import { AppError, type ErrorKind } from '../errors.ts'

type Refusal = { kind: ErrorKind; message: string; retryAfterSeconds?: number }

/** Every answer to a picture that is not taken. */
const REFUSALS = {
  'image.type': {
    kind: 'unsupported',
    message: 'This is no picture that Weir knows. Send JPEG, PNG, WebP, GIF or BMP.',
  },
  'image.empty': { kind: 'invalid', message: 'The picture is empty. Choose another file.' },
  'image.broken': {
    kind: 'invalid',
    message: 'The picture is damaged or not complete. Send it again, or send another.',
  },
  'image.pixels': { kind: 'invalid', message: 'The picture has too many pixels. Make it smaller and send it again.' },
  'image.frames': { kind: 'invalid', message: 'The picture has too many frames; 300 are taken. Make it shorter.' },
  'image.too_big': { kind: 'too_large', message: 'The file is too big. Make it smaller and send it again.' },
  'image.busy': {
    kind: 'unavailable',
    message: 'Too many pictures are waiting at the moment. Send it again in a few seconds.',
    retryAfterSeconds: 5,
  },
  'image.failed': {
    kind: 'invalid',
    message: 'This picture could not be read, twice. Save it anew in another program, or send another.',
  },
  'image.disk_full': {
    kind: 'disk_full',
    message: 'The disk of the server is full, so no picture is taken in.',
  },
  'image.unavailable': {
    kind: 'unavailable',
    message: 'Pictures cannot be taken in at the moment. Send it again in a few seconds.',
    retryAfterSeconds: 5,
  },
} as const satisfies Record<string, Refusal>

export type RefusalCode = keyof typeof REFUSALS
export const REFUSAL_CODES = Object.keys(REFUSALS) as [RefusalCode, ...RefusalCode[]]

/** `message` where more can be said than the usual. `cause` stays private. */
export function toRefusal(code: RefusalCode, message?: string, cause?: unknown): AppError {
  const usual: Refusal = REFUSALS[code]
  return new AppError({ ...usual, code, message: message ?? usual.message, ...(cause === undefined ? {} : { cause }) })
}

/** No space, over quota, past the limit of a file's size that the system sets, or a database that cannot grow. */
const NO_ROOM = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'SQLITE_FULL'])

/** Whether it failed because there is no room on the disk, whoever wrapped it. */
export function isNoRoom(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (NO_ROOM.has((cause as NodeJS.ErrnoException).code ?? '')) return true
  return false
}
