import type { App } from './app.ts'
import { version } from './assets.ts'
import type { Config, ConfigResult } from './config.ts'
import { isAppError } from './errors.ts'
import { systemClock } from './lib/clock.ts'

/** Exit codes as sysexits.h has them. */
const EXIT = { usage: 64, newerDatabase: 65, software: 70, inUse: 75, config: 78 } as const
/** Image work and files share Bun's pool of threads; its own 4 would be few. */
const THREADPOOL_SIZE = '16'
/** A stop that hangs is cut: children die with us by their parent-death signal. */
const STOP_DEADLINE_MS = 8000

const HELP = `Weir ${version}: a live feed comes in and is pushed to many destinations.

  weir [serve]          run the server (default)
  weir [serve] --demo   show it: a test pattern, a few receivers, nothing is kept
  weir signin-link [EMAIL]
                        print a new link that signs a browser in, once
  weir user create EMAIL [--name NAME] [--role ROLE]
                        print an invitation
  weir user reset EMAIL print a link to a new password
  weir key create NAME [--scopes read,operate] [--days DAYS]
                        print a new API key
  weir secret rotate    encrypt all stored secrets by a new key; the server must not run
  weir migrate          bring the database up to date and leave
  weir health           ask the server on this machine how it is; 0 = fine
  weir version          print the version
  weir help             print this

Settings are environment variables; see .env.example or the README.
`

const isBinary = Bun.main.startsWith('/$bunfs/')
const words = process.argv.slice(2)
const command = words.join(' ') || 'serve'
const commands: Record<string, () => Promise<number | null>> = {
  serve: () => serve({ demo: false }),
  'serve --demo': () => serve({ demo: true }),
  '--demo': () => serve({ demo: true }),
  migrate: migrateOnly,
  health,
  version: async () => print(`${version}\n`),
  help: async () => print(HELP),
  'srt-door': srtDoor,
  imaging,
  '--version': async () => print(`${version}\n`),
  '--help': async () => print(HELP),
}

const run = Object.hasOwn(commands, command) ? commands[command] : findCommand(words)
if (run) {
  const code = await run()
  if (code !== null) process.exit(code)
} else {
  process.stderr.write(`weir: unknown command\n\n${HELP}`)
  process.exit(EXIT.usage)
}

/** Commands that take words of their own. */
function findCommand([first = '', second = '', ...rest]: string[]): (() => Promise<number>) | undefined {
  if (first === 'link' || first === 'signin-link')
    return () =>
      administer(
        'signin-link',
        [second, ...rest].filter((word) => word !== ''),
      )
  const known = ['user create', 'user reset', 'key create', 'secret rotate']
  return known.includes(`${first} ${second}`) ? () => administer(`${first} ${second}`, rest) : undefined
}

async function administer(name: string, args: string[]): Promise<number> {
  process.umask(0o077)
  const config = await readConfigOrExit()
  const { COMMANDS } = await import('./commands.ts')
  const command = COMMANDS[name]
  if (!command) return EXIT.usage
  try {
    const newSecretKey = process.env['SECRET_KEY_NEW'] || null
    return print(`${await command(args, { config, writeLog, newSecretKey })}\n`)
  } catch (error) {
    return explain(error)
  }
}

/** Answers null while the server runs; signals end it. */
async function serve({ demo }: { demo: boolean }): Promise<number | null> {
  // First of all: whatever is large is imported after this, and a signal that comes meanwhile is a stop too.
  let started: Promise<App> | null = null
  const guests: { close(): Promise<void> }[] = []
  let stopping = false
  const stop = () => {
    if (stopping) process.exit(1)
    stopping = true
    if (!started) process.exit(print('weir: stopped before it was ready\n'))
    setTimeout(() => process.exit(1), STOP_DEADLINE_MS)
    started
      .then((app) => Promise.all([app.close(), ...guests.map((guest) => guest.close())]))
      .then(
        () => process.exit(0),
        (error: unknown) => process.exit(explain(error)),
      )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  // A demo's terminal that is closed must not leave its directory; a server may be kept running by nohup.
  if (demo) process.on('SIGHUP', stop)
  useThreadPool()
  process.umask(0o077)
  const config = demo ? await makeDemoConfig() : await readConfigOrExit()
  const { createApp } = await import('./app.ts')
  // A demo's terminal keeps to its two lines; its log stands on the system page.
  started = createApp(config, { writeLog: demo ? () => undefined : writeLog, demo })
  try {
    const app = await started
    // One stray error must not take every output down with it; it is a bug and stands in the log.
    process.on('uncaughtException', app.report)
    process.on('unhandledRejection', app.report)
    writeGreeting(app, config, { showsKey: demo || process.stdout.isTTY })
    if (demo) guests.push(await fillDemo(app, config))
    return null
  } catch (error) {
    return explain(error)
  }
}

async function makeDemoConfig(): Promise<Config> {
  const { readDemoConfig } = await import('./config.ts')
  const { chooseDemoPort, makeDemoDir } = await import('./demo/demo.ts')
  const config = configOrExit(readDemoConfig(makeDemoDir()))
  const { host, port } = config.web
  return { ...config, web: { ...config.web, port: chooseDemoPort(host, port) } }
}

async function fillDemo(app: App, config: Config): Promise<{ close(): Promise<void> }> {
  const { startDemo } = await import('./demo/demo.ts')
  return startDemo({
    fetch: app.fetch,
    apiKey: app.apiKey.apiKey,
    instance: app.instance,
    ffmpegPath: config.media.ffmpegPath,
    clock: systemClock,
  })
}

async function migrateOnly(): Promise<number> {
  process.umask(0o077)
  const config = await readConfigOrExit()
  const { migrateDatabase } = await import('./house.ts')
  try {
    const applied = await migrateDatabase(config, { writeLog })
    return print(applied.length > 0 ? `applied: ${applied.join(', ')}\n` : 'nothing to do\n')
  } catch (error) {
    return explain(error)
  }
}

async function health(): Promise<number> {
  const { host, port } = (await readConfigOrExit()).web
  const local = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  try {
    const address = `http://${local.includes(':') ? `[${local}]` : local}:${port}/api/health`
    const answer = await fetch(address, { signal: AbortSignal.timeout(5000) })
    print(`${await answer.text()}\n`)
    return answer.ok ? 0 : 1
  } catch {
    // Whatever it was, the answer to the question is the same.
    process.stderr.write(`weir: no server answers on port ${port}\n`)
    return 1
  }
}

/** A child of the server that answers SRT callers until its stdin ends; not for people, so the help is silent on it. */
async function srtDoor(): Promise<number> {
  // A terminal gives its Ctrl-C to children too: it is the server that ends this one.
  process.on('SIGINT', () => undefined)
  const { runSrtDoor } = await import('./media/srt/door.ts')
  await runSrtDoor(Bun.stdin.stream())
  return 0
}

/** A child of the server that decodes pictures until its stdin ends; not for people either. */
async function imaging(): Promise<number> {
  process.on('SIGINT', () => undefined)
  const { runImagingChild } = await import('./imaging/child.ts')
  await runImagingChild(Bun.stdin.stream(), print)
  return 0
}

/**
 * The pool's size is read before the first line of ours, so the program starts itself once more with it set. All that
 * is large is imported after this, or it would be read twice.
 */
function useThreadPool(): void {
  if (process.env['UV_THREADPOOL_SIZE'] || !process.execve) return
  const script = isBinary ? [] : [...process.execArgv, Bun.main]
  const env = { ...process.env, UV_THREADPOOL_SIZE: THREADPOOL_SIZE } as Record<string, string>
  process.execve(process.execPath, [process.execPath, ...script, ...process.argv.slice(2)], env)
}

async function readConfigOrExit(): Promise<Config> {
  const { readConfig } = await import('./config.ts')
  return configOrExit(readConfig())
}

function configOrExit(result: ConfigResult): Config {
  if (result.ok) return result.config
  const lines = result.faults.map(({ name, message }) => `  ${name} ${message}\n`)
  process.stderr.write(`weir: these settings are not right:\n${lines.join('')}`)
  process.exit(EXIT.config)
}

/**
 * The one line of a start, and a second one with a sign-in link where somebody reads it: on a terminal, and at the first
 * start. The key is shown when it has just been made, and never again: on a terminal, or by a demo, whose key dies with
 * it. Elsewhere a journal would keep it.
 */
function writeGreeting(app: App, config: Config, { showsKey }: { showsKey: boolean }): void {
  const { apiKey, apiKeySource, apiKeyFile } = app.apiKey
  const inFile = `API key in ${apiKeyFile}`
  const key = {
    made: showsKey ? `API key ${apiKey} (kept in ${apiKeyFile})` : inFile,
    file: inFile,
    env: 'API key from API_KEY',
  }[apiKeySource]
  const lines = [`Weir ${version} is ready at ${app.url} - ${key}`]
  // Until somebody has set it up, each start shows the way in; a key that was given is a way of its own.
  const needsLink = app.isNew && apiKeySource !== 'env'
  if (needsLink || process.stdout.isTTY) lines.push(`Sign in within 30 minutes, once: ${app.makeSignInUrl()}`)
  for (const text of lines) {
    const line = { at: new Date().toISOString(), level: 'info', msg: text }
    print(`${config.log.format === 'json' ? JSON.stringify(line) : text}\n`)
  }
}

/** Says on stderr what an operator can do about it; the answer is the exit code. */
function explain(error: unknown): number {
  if (!isAppError(error)) {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    process.stderr.write(`weir: something went wrong inside: ${text}\n`)
    return EXIT.software
  }
  process.stderr.write(`weir: ${error.message}\n`)
  if (error.code === 'usage') return EXIT.usage
  if (error.code === 'secret_key.wrong') return EXIT.config
  if (error.code === 'data.locked' || error.code === 'database.locked') return EXIT.inUse
  if (error.code === 'database.unusable') return EXIT.config
  return error.code === 'database.newer' ? EXIT.newerDatabase : 1
}

function writeLog(line: string): void {
  process.stderr.write(`${line}\n`)
}

function print(text: string): number {
  process.stdout.write(text)
  return 0
}
