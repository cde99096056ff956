/**
 * Builds Weir into one file: program, workers, pages, migrations, the database engine and libvips.
 *
 *   bun build.ts [outfile]     default dist/weir
 */
import { mkdirSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

const outfile = resolve(process.argv[2] ?? 'dist/weir')
const root = import.meta.dir
const target = `linux-${process.arch === 'arm64' ? 'arm64' : 'x64'}` as const
const modules = resolve(root, 'node_modules')

/**
 * libsql picks its addon by a computed name and sharp by a list of all, which a bundler cannot follow. The plugin puts those
 * of this platform in their place, as embedded files that `lib/native.ts` unpacks when they are first needed.
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
    build.onLoad({ filter: /.*/, namespace: 'native' }, () => libsql())
    build.onLoad({ filter: /node_modules[\\/]sharp[\\/]dist[\\/]sharp\.mjs$/ }, () => sharp())
  },
}

async function libsql(): Promise<Bun.OnLoadResult> {
  const addon = resolve(modules, `@libsql/${target}-gnu/index.node`)
  const file = { path: addon, name: `libsql-${await hashOf([addon])}.node` }
  return { loader: 'ts', contents: `${toLoader(file, [])}\nexport const native = loaded` }
}

/** The addon looks for libvips two folders up, in the folders as npm lays them out (its RPATH). */
async function sharp(): Promise<Bun.OnLoadResult> {
  const addon = find(`@img/sharp-${target}/lib`, '*.node')
  const libvips = find(`@img/sharp-libvips-${target}/lib`, 'libvips-cpp.so.*')
  const folder = `sharp-${await hashOf([addon, libvips])}`
  const inFolder = (path: string) => ({ path, name: join(folder, relative(join(modules, '@img'), path)) })
  // The check is sharp's own: without it an old processor would end the process at its first picture.
  const check = "if (loaded._isUsingX64V2?.() === false) throw new Error('pictures need a processor of x86-64-v2')"
  return {
    loader: 'ts',
    contents: `${toLoader(inFolder(addon), [inFolder(libvips)])}\n${check}\nexport default loaded`,
  }
}

type Embedded = { path: string; name: string }

/** A module whose `loaded` is the addon. */
function toLoader(addon: Embedded, libraries: Embedded[]): string {
  const files = [addon, ...libraries]
  const toFile = (i: number) =>
    `{ name: ${JSON.stringify(files[i]?.name)}, bytes: readFileSync(file${i}), cacheDir: cacheDir() }`
  return [
    "import { readFileSync } from 'node:fs'",
    ...files.map(({ path }, i) => `import file${i} from ${JSON.stringify(path)} with { type: 'file' }`),
    `import { cacheDir } from ${JSON.stringify(resolve(root, 'src/config.ts'))}`,
    `import { loadNative } from ${JSON.stringify(resolve(root, 'src/lib/native.ts'))}`,
    `const loaded = loadNative(${toFile(0)}, [${libraries.map((_, i) => toFile(i + 1)).join(', ')}]) as any`,
  ].join('\n')
}

/** The one file of that name in a package. */
function find(folder: string, pattern: string): string {
  const [path, ...others] = new Bun.Glob(pattern).scanSync({ cwd: resolve(modules, folder), absolute: true })
  if (path === undefined || others.length > 0) throw new Error(`${folder} has not one ${pattern}`)
  return path
}

async function hashOf(paths: string[]): Promise<string> {
  const hasher = new Bun.CryptoHasher('sha256')
  for (const path of paths) hasher.update(await Bun.file(path).bytes())
  return hasher.digest('hex').slice(0, 16)
}

mkdirSync(dirname(outfile), { recursive: true })
const result = await Bun.build({
  entrypoints: ['main.ts', 'media/worker.ts', 'media/doors/worker.ts', 'imaging/worker.ts'].map((entry) =>
    resolve(root, 'src', entry),
  ),
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
