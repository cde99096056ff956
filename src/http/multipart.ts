import { AppError } from '../errors.ts'

export type Bytes = AsyncIterable<Uint8Array>

/** One part of a form. Its body must be read, or is read and dropped, before the next part comes. */
export type Part = { name: string; filename: string | null; body: Bytes }

/** Of one part; browsers send a few hundred bytes. */
const MAX_HEAD_BYTES = 8 * 1024
const MAX_PARTS = 100
const HEAD_END = Buffer.from('\r\n\r\n')

/** The boundary that a content type names; null where the body is no form (RFC 7578, RFC 2046 5.1.1). */
export function toBoundary(contentType: string): string | null {
  if (!/^multipart\/form-data\b/i.test(contentType)) return null
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;]{1,70}))/i.exec(contentType) ?? []
  const boundary = quoted ?? plain
  if (!boundary) throw malformed('The form does not say its boundary.')
  return boundary
}

/**
 * The parts of a form as they come. Beyond the chunk at hand no more is held than a delimiter, or the head of a part.
 * @throws AppError malformed
 */
export async function* readParts(body: Bytes, boundary: string): AsyncGenerator<Part> {
  const delimiter = Buffer.from(`\r\n--${boundary}`)
  const source = body[Symbol.asyncIterator]()
  // The first delimiter has no line before it.
  let held: Buffer = Buffer.from('\r\n')

  async function more(): Promise<void> {
    const next = await source.next()
    if (next.done) throw malformed('The form ends before its last boundary.')
    held = held.length === 0 ? toBuffer(next.value) : Buffer.concat([held, next.value])
  }

  /** What stands before the next delimiter, which is taken too. */
  async function* untilDelimiter(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const at = held.indexOf(delimiter)
      if (at >= 0) {
        const last = held.subarray(0, at)
        held = held.subarray(at + delimiter.length)
        if (last.length > 0) yield last
        return
      }
      const safe = held.length - (delimiter.length - 1)
      if (safe > 0) {
        const some = held.subarray(0, safe)
        // A copy: what is held must not keep the whole chunk.
        held = Buffer.from(held.subarray(safe))
        yield some
      }
      await more()
    }
  }

  async function readHead(): Promise<string | null> {
    while (held.length < 2) await more()
    if (held.subarray(0, 2).toString() === '--') return null
    for (;;) {
      const end = held.indexOf(HEAD_END)
      if (end > MAX_HEAD_BYTES || (end < 0 && held.length > MAX_HEAD_BYTES))
        throw malformed('The head of a part of the form is too long.')
      if (end >= 0) {
        const head = held.subarray(0, end).toString()
        // The break before the delimiter of an empty part is the one that ends its head.
        held = held.subarray(end + 2)
        return head
      }
      await more()
    }
  }

  try {
    for await (const _ of untilDelimiter());
    for (let count = 0; ; count++) {
      const head = await readHead()
      if (head === null) break
      if (count >= MAX_PARTS) throw malformed(`The form has more than ${MAX_PARTS} parts.`)
      const content = withoutBreak(untilDelimiter())
      yield { ...toNames(head), body: content }
      // What the reader of the part left.
      for await (const _ of content);
    }
    // Nothing behind the last boundary counts.
    for (let next = await source.next(); !next.done; ) next = await source.next()
  } finally {
    await source.return?.()
  }
}

/** Drops the break that ends the head, and can be left and taken up again. */
function withoutBreak(inner: AsyncGenerator<Uint8Array>): Bytes {
  let left = 2
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        for (;;) {
          const step = await inner.next()
          if (step.done || left === 0) return step
          const value = step.value.subarray(left)
          left = Math.max(0, left - step.value.length)
          if (value.length > 0) return { done: false, value }
        }
      },
    }),
  }
}

function toNames(head: string): { name: string; filename: string | null } {
  const disposition = /^content-disposition:\s*form-data\s*;(.*)$/im.exec(head)?.[1] ?? ''
  const of = (key: string) => new RegExp(`(?:^|[;\\s])${key}="((?:[^"\\\\]|\\\\.)*)"`, 'i').exec(disposition)?.[1]
  const name = of('name')
  if (name === undefined) throw malformed('A part of the form has no name.')
  return { name, filename: toText(of('filename') ?? null) }
}

/** Browsers write a quote as %22 (WHATWG HTML 4.10.21.8), curl with a backslash before it. */
function toText(name: string | null): string | null {
  return name === null ? null : name.replaceAll('%22', '"').replace(/\\(["\\])/g, '$1')
}

const toBuffer = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

function malformed(message: string): AppError {
  return new AppError({ kind: 'malformed', code: 'malformed', message })
}
