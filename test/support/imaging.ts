import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createImagingClient, type ImagingClient, type Picture } from '../../src/imaging/client.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { createLog } from '../../src/lib/log.ts'
import { tempDir } from './temp.ts'

export type ImagingStage = AsyncDisposable & {
  client: ImagingClient
  /** What the client would mark its children with. */
  instance: string
  /** What it logged. */
  lines: string[]
  /** An upload with these bytes, and a new directory for its files. */
  put(bytes: Uint8Array, name?: string): Picture
}

/** The real client with its thread and its child, as the server has it. */
export function openImaging(
  options: Partial<Pick<Parameters<typeof createImagingClient>[0], 'workerUrl' | 'maxWaiting' | 'limits'>> = {},
): ImagingStage {
  const dir = tempDir('imaging')
  const instance = crypto.randomUUID()
  const lines: string[] = []
  const client = createImagingClient({
    workerUrl: new URL('../../src/imaging/worker.ts', import.meta.url).href,
    instance,
    cacheDir: join(dir, 'cache'),
    maxWaiting: 100,
    clock: systemClock,
    log: createLog({ level: 'debug', format: 'human', write: (line) => lines.push(line) }),
    ...options,
  })
  let count = 0
  return {
    client,
    instance,
    lines,
    put(bytes, name) {
      const outDir = join(dir, `out-${++count}`)
      mkdirSync(outDir)
      const sourcePath = join(dir, name ?? `upload-${count}`)
      writeFileSync(sourcePath, bytes)
      return { contentHash: createHash('sha256').update(bytes).digest('hex'), sourcePath, outDir }
    },
    [Symbol.asyncDispose]: () => client.close(),
  }
}

/** The code of the refusal that `work` ends in; throws when it ends otherwise. */
export async function refusalOf(work: Promise<unknown>): Promise<string> {
  const outcome = await work.then(
    (value) => ({ value }),
    (error) => ({ error }),
  )
  if ('error' in outcome && typeof outcome.error?.code === 'string') return outcome.error.code
  throw new Error(`no refusal but ${JSON.stringify(outcome)}`)
}

export const readMade = (picture: Picture, name: string): Promise<Buffer> => readFile(join(picture.outDir, name))
