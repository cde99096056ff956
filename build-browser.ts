/**
 * Bundles `src/browser` with HTMX into `static/app.js`, which is committed: a server that starts from its tree needs no
 * build. A unit test makes it anew and compares.
 *
 *   bun run build:browser
 */
import { resolve } from 'node:path'

/** The text of the file. */
export async function bundleBrowser(): Promise<string> {
  const result = await Bun.build({
    entrypoints: [resolve(import.meta.dir, 'src/browser/main.ts')],
    target: 'browser',
    format: 'iife',
    minify: true,
  })
  const [file] = result.outputs
  if (!result.success || !file) throw new AggregateError(result.logs, 'src/browser does not build')
  return file.text()
}

if (import.meta.main) {
  const text = await bundleBrowser()
  await Bun.write(resolve(import.meta.dir, 'static/app.js'), text)
  console.log(
    `static/app.js ${(text.length / 1024).toFixed(1)} KiB, ${(Bun.gzipSync(text).length / 1024).toFixed(1)} KiB compressed`,
  )
}
