import init from '../migrations/0000_init.sql' with { type: 'text' }
import sessions from '../migrations/0001_sessions.sql' with { type: 'text' }
import everyWay from '../migrations/0002_every_way.sql' with { type: 'text' }
import accounts from '../migrations/0003_accounts.sql' with { type: 'text' }
import galleries from '../migrations/0004_galleries.sql' with { type: 'text' }
import imageViews from '../migrations/0005_image_views.sql' with { type: 'text' }
import automaticSnapshots from '../migrations/0006_automatic_snapshots.sql' with { type: 'text' }
import journal from '../migrations/meta/_journal.json' with { type: 'json' }
import manifest from '../package.json' with { type: 'json' }
import appCss from '../static/app.css' with { type: 'file' }
import appJs from '../static/app.js' with { type: 'file' }
import favicon from '../static/favicon.svg' with { type: 'file' }

/**
 * Everything that is not code, found here alone: the same names work from the source tree and inside the binary, where
 * the bundler has put the files.
 */

/** Weir's version, from package.json. */
export const version: string = manifest.version

/** One step of the database, as drizzle's journal has it; `when` orders them. */
export type Migration = { tag: string; when: number; sql: string }

const SQL: Record<string, string> = {
  '0000_init': init,
  '0001_sessions': sessions,
  '0002_every_way': everyWay,
  '0003_accounts': accounts,
  '0004_galleries': galleries,
  '0005_image_views': imageViews,
  '0006_automatic_snapshots': automaticSnapshots,
}

/** All migrations, oldest first. */
export const migrations: Migration[] = journal.entries.map(({ tag, when }) => {
  const sql = SQL[tag]
  if (sql === undefined) throw new Error(`migration ${tag} is in the journal but not in assets.ts`)
  return { tag, when, sql }
})

/** The entry of a media worker. It stands beside this file in the binary too, hence the literal. */
export const mediaWorkerUrl = new URL('./media/worker.ts', import.meta.url).href
/** The entry of the thread of the doors, likewise. */
export const doorsWorkerUrl = new URL('./media/doors/worker.ts', import.meta.url).href
/** The entry of the image worker, likewise. */
export const imagingWorkerUrl = new URL('./imaging/worker.ts', import.meta.url).href

const STATIC_FILES = { 'app.css': appCss, 'app.js': appJs, 'favicon.svg': favicon }
export type StaticName = keyof typeof STATIC_FILES

const TYPES: Record<string, string> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
}

export type StaticFile = { bytes: Uint8Array; gzip: Uint8Array; type: string; hash: string }
export type StaticFiles = {
  /** The address to print into pages; it holds the hash of the content. */
  url(name: StaticName): string
  /** By address; undefined where there is none. */
  find(path: string): StaticFile | undefined
}

/** Reads the static files into memory once (a few hundred KiB at most), as they are and compressed, and gives each an address that never goes stale. */
export async function openStaticFiles(): Promise<StaticFiles> {
  const urls: Record<string, string> = {}
  const files = new Map<string, StaticFile>()
  for (const [name, path] of Object.entries(STATIC_FILES)) {
    const bytes = await Bun.file(path).bytes()
    const hash = new Bun.CryptoHasher('sha256').update(bytes).digest('hex').slice(0, 16)
    const [stem, extension = ''] = name.split('.')
    const url = `/static/${stem}.${hash}.${extension}`
    urls[name] = url
    files.set(url, {
      bytes,
      gzip: Bun.gzipSync(bytes, { level: 9 }),
      type: TYPES[extension] ?? 'application/octet-stream',
      hash,
    })
  }
  return { url: (name) => urls[name] ?? '', find: (path) => files.get(path) }
}
