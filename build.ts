/**
 * Builds Weir into one file: program, worker, pages, migrations and the database engine.
 *
 *   bun build.ts [outfile]     default dist/weir
 */
import { mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

const outfile = resolve(process.argv[2] ?? 'dist/weir')
const root = import.meta.dir
const target = `linux-${process.arch === 'arm64' ? 'arm64' : 'x64'}` as const
const addon = resolve(root, `node_modules/@libsql/${target}-gnu/index.node`)

/**
 * libsql picks its addon by a computed name, which a bundler cannot follow. The plugin puts the one of this platform in
 * its place, as an embedded file that `lib/native.ts` unpacks at the start.
 */
// biome-ignore lint/suspicious/noTemplateCurlyInString: the text as it stands in libsql.
const COMPUTED = 'return require(`@libsql/${target}`);'
const natives: Bun.BunPlugin = {
  name: 'natives',
  setup(build) {
    build.onLoad({ filter: /node_modules[\\/]libsql[\\/]index\.js$/ }, async ({ path }) => {
      const source = await Bun.file(path).text()
      if (!source.includes(COMPUTED)) throw new Error(`${path} loads its addon in another way now`)
      return { loader: 'js', contents: source.replace(COMPUTED, "return require('native:libsql').native;") }
    })
    build.onResolve({ filter: /^native:libsql$/ }, () => ({ path: 'libsql', namespace: 'native' }))
    build.onLoad({ filter: /.*/, namespace: 'native' }, async () => {
      const hash = new Bun.CryptoHasher('sha256')
        .update(await Bun.file(addon).bytes())
        .digest('hex')
        .slice(0, 16)
      return {
        loader: 'ts',
        contents: `
          import { readFileSync } from 'node:fs'
          import path from ${JSON.stringify(addon)} with { type: 'file' }
          import { cacheDir } from ${JSON.stringify(resolve(root, 'src/config.ts'))}
          import { loadNative } from ${JSON.stringify(resolve(root, 'src/lib/native.ts'))}
          export const native = loadNative({ name: 'libsql-${hash}.node', bytes: readFileSync(path), cacheDir: cacheDir() })
        `,
      }
    })
  },
}

mkdirSync(dirname(outfile), { recursive: true })
const result = await Bun.build({
  entrypoints: ['main.ts', 'media/worker.ts', 'media/doors/worker.ts'].map((entry) => resolve(root, 'src', entry)),
  root: resolve(root, 'src'),
  plugins: [natives],
  target: 'bun',
  format: 'esm',
  minify: true,
  bytecode: true,
  // Settings come from the environment alone, not from files that happen to lie where Weir is started.
  compile: { target: `bun-${target}`, outfile, autoloadDotenv: false, autoloadBunfig: false },
})
if (!result.success) {
  for (const message of result.logs) console.error(message)
  process.exit(1)
}
console.log(`${outfile} ${(Bun.file(outfile).size / 1e6).toFixed(1)} MB`)
