import sharp from 'sharp'
import type { ImageResource, ImagesPage } from '../../src/images/images.schema.ts'
import type { ApiApp } from './api-app.ts'

export type Asker = { headers: Record<string, string> }
let shade = 0

/** A small JPEG that no other call has made. */
export function newJpeg(width = 64, height = 48): Promise<Buffer> {
  const n = ++shade
  const background = { r: n % 256, g: (n >> 8) * 16, b: (n * 37) % 256 }
  const marked = sharp({ create: { width, height, channels: 3, background } })
  // Colours so near are one after JPEG; the comment of EXIF is not.
  return marked
    .withExif({ IFD0: { ImageDescription: `picture ${n}` } })
    .jpeg()
    .toBuffer()
}

/** A form with these fields and files, in that order. */
export function formOf(parts: [name: string, value: string | { filename: string; bytes: Uint8Array }][]): FormData {
  const form = new FormData()
  for (const [name, value] of parts) {
    if (typeof value === 'string') form.append(name, value)
    else form.append(name, new Blob([Buffer.from(value.bytes)]), value.filename)
  }
  return form
}

/** Calls on the pictures of an app in this process; `by` nobody means the server's own key. */
export function picturesOf(app: ApiApp) {
  const ask = (method: string, path: string, init: RequestInit = {}, by?: Asker) =>
    by
      ? app.ask(path, { ...init, method, headers: { ...init.headers, ...by.headers } })
      : app.fetch(path, { ...init, method })
  return {
    ask,
    async stream(body: Record<string, unknown> = {}): Promise<string> {
      const { key } = await app.ok<{ key: string }>('POST', '/api/streams', { title: `Show ${++shade}`, ...body })
      return key
    },
    send: (key: string, bytes: Uint8Array | ReadableStream, query = '', by?: Asker) =>
      ask('POST', `/api/streams/${key}/images${query}`, { body: bytes as Bun.BodyInit }, by),
    sendForm: (key: string, form: FormData, by?: Asker) =>
      ask('POST', `/api/streams/${key}/images`, { body: form }, by),
    async add(key: string, query = '', bytes?: Uint8Array): Promise<ImageResource> {
      const answer = await ask('POST', `/api/streams/${key}/images${query}`, {
        body: (bytes ?? (await newJpeg())) as Bun.BodyInit,
      })
      if (answer.status !== 201) throw new Error(`an upload answered ${answer.status}: ${await answer.text()}`)
      return (await answer.json()) as ImageResource
    },
    async list(key: string, query = '', by?: Asker): Promise<ImagesPage> {
      const answer = await ask('GET', `/api/streams/${key}/images${query}`, {}, by)
      if (answer.status !== 200) throw new Error(`a list answered ${answer.status}: ${await answer.text()}`)
      return (await answer.json()) as ImagesPage
    },
    json: (method: string, path: string, body: unknown, by?: Asker) =>
      ask(method, path, { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }, by),
  }
}

/** Status and code of an answer that refuses. */
export async function refusalOf(answer: Response): Promise<[number, string]> {
  return [answer.status, ((await answer.json()) as { code: string }).code]
}
