import { availableParallelism, homedir, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { LOG_LEVELS } from './lib/log.ts'

const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((n) => n >= min && n <= max, `must be a whole number from ${min} to ${max}`)
const port = wholeNumber(1, 65535)
const oneOf = <const T extends readonly string[]>(values: T) =>
  z.enum(values, { error: `must be one of: ${values.join(', ')}` })

const cidrList = z.string().transform((text, ctx) => {
  const list = text.split(',').map((part) => part.trim())
  for (const item of list) {
    const ok = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]).safeParse(item).success
    if (!ok) ctx.addIssue({ code: 'custom', message: `"${item}" is neither an address nor a CIDR range` })
  }
  return list
})

const originList = z.string().transform((text, ctx) => {
  const list = text.split(',').map((part) => part.trim())
  for (const item of list)
    if (!URL.canParse(item) || new URL(item).origin !== item)
      ctx.addIssue({ code: 'custom', message: `"${item}" is no origin, such as https://example.org` })
  return list
})

const PICTURE_EXTENSIONS = { jpg: 'jpeg', jpeg: 'jpeg', png: 'png', gif: 'gif', webp: 'webp', bmp: 'bmp' } as const
const pictureTypes = z.string().transform((text, ctx) => {
  const types = text.split(',').map((part) => {
    const name = part.trim().replace(/^\./, '').toLowerCase()
    const type = Object.entries(PICTURE_EXTENSIONS).find(([extension]) => extension === name)?.[1]
    if (!type)
      ctx.addIssue({
        code: 'custom',
        message: `"${part.trim()}" is none of ${Object.keys(PICTURE_EXTENSIONS).join(', ')}`,
      })
    return type ?? 'jpeg'
  })
  return [...new Set(types)]
})

const webAddress = z
  .url({ protocol: /^https?$/, error: 'must be an http or https address' })
  .refine((text) => isOrigin(text), 'must end after host and port: Weir does not run below a path')
  .transform((text) => new URL(text).origin)

const databaseUrl = z
  .string()
  .regex(/^(file:|libsql:|https?:|wss?:)/, 'must begin with file:, libsql:, http:, https:, ws: or wss:')

/** Nothing but scheme, host and port. zod asks although the address is none. */
function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return true
  const { origin, href } = new URL(text)
  return href === `${origin}/`
}

type Variable = {
  schema: z.ZodType<unknown, string>
  /** What applies when the variable is not set, as it is written in the documents. */
  fallback: string
  about: string
  secret?: boolean
}
const variable = <S extends z.ZodType<unknown, string>>(
  schema: S,
  fallback: string,
  about: string,
  secret = false,
) => ({
  schema,
  fallback,
  about,
  secret,
})

/** Every setting, a group per room. The README's table and .env.example are printed from here. */
const ROOMS = {
  'Web server': {
    PORT: variable(wholeNumber(0, 65535), '8080', 'TCP port of pages and API.'),
    HOST: variable(z.string().min(1), '0.0.0.0', 'Address to listen on.'),
    PUBLIC_URL: variable(webAddress, '', 'Address under which people reach Weir, such as `https://weir.example.org`.'),
    TRUSTED_PROXIES: variable(
      cidrList,
      '',
      'Proxies whose `X-Forwarded-For` counts: addresses or CIDR ranges, by comma.',
    ),
    ENVIRONMENT: variable(oneOf(['development', 'production']), 'development', '`development` or `production`.'),
    API_KEY: variable(
      z.string().regex(/^[\x21-\x7e]{16,}$/, 'must be at least 16 characters of printable ASCII without spaces'),
      '',
      'The key of the API, at least 16 characters. Without it one is made at the first start and kept in `DATA_DIR/api-key`.',
      true,
    ),
  },
  'People and limits': {
    ADMIN_EMAIL: variable(
      z.string().regex(/^[^\s@]+@[^\s@]+$/, 'must be an e-mail address'),
      '',
      'With `ADMIN_PASSWORD`: the first administrator, made at the start where there is none yet.',
    ),
    ADMIN_PASSWORD: variable(
      z.string().min(12, 'must have at least 12 characters'),
      '',
      'Password of that administrator, at least 12 characters.',
      true,
    ),
    CORS_ORIGINS: variable(
      originList,
      '',
      'Pages of other sites that may use the API with a key: origins such as `https://example.org`, by comma.',
    ),
    RATE_LIMIT_READS: variable(
      wholeNumber(0, 1_000_000),
      '12000',
      'Pages and answers a minute for each person, key, or address of strangers; 0 = no limit.',
    ),
    RATE_LIMIT_WRITES: variable(wholeNumber(0, 1_000_000), '1200', 'Changes a minute for each; 0 = no limit.'),
    RATE_LIMIT_UPLOADS: variable(wholeNumber(0, 1_000_000), '600', 'Uploads a minute for each; 0 = no limit.'),
    MAX_EVENT_STREAMS: variable(
      wholeNumber(0, 500),
      '200',
      'Open pages and event streams for each person or key, and for each address of strangers, which has at most 50; 0 = no limit but the common ones: 500, of which strangers have at most 300.',
    ),
    AUDIT_DAYS: variable(wholeNumber(1, 36_500), '400', 'How long the audit log is kept, in days.'),
    MEDIA_PRIVATE_TARGETS: variable(
      oneOf(['allow', 'deny']),
      'allow',
      '`deny`: inputs and outputs lead to public addresses only, not to this machine or its own network.',
    ),
  },
  Data: {
    DATA_DIR: variable(z.string().min(1), './data', 'Directory of the database, keys and everything else that lasts.'),
    DATABASE_URL: variable(databaseUrl, '', 'libSQL address. Without it the file `DATA_DIR/weir.db`.', true),
    SECRET_KEY: variable(
      z.string().min(32, 'must have at least 32 characters'),
      '',
      'Encrypts stored secrets. Without it one is made at the first start and kept in `DATA_DIR/secret-key`.',
      true,
    ),
  },
  Log: {
    LOG_LEVEL: variable(oneOf(LOG_LEVELS), 'info', '`debug`, `info`, `warn` or `error`.'),
    LOG_FORMAT: variable(oneOf(['human', 'json']), 'human', '`human` or `json`, one line an entry.'),
  },
  'Inputs and outputs': {
    UDP_PORT_RANGE_START: variable(port, '5000', 'First UDP port that inputs are given.'),
    UDP_PORT_RANGE_END: variable(port, '5100', 'Last UDP port that inputs are given.'),
    SRT_PORT_RANGE_START: variable(port, '8900', 'First UDP port that inputs and outputs over SRT are given.'),
    SRT_PORT_RANGE_END: variable(port, '8990', 'Last UDP port that inputs and outputs over SRT are given.'),
    RTMP_HOST: variable(z.string().min(1), '0.0.0.0', 'Address on which RTMP publishers are heard.'),
    RTMP_PORT: variable(wholeNumber(0, 65535), '1935', 'TCP port of RTMP publishers; 0 = none are heard.'),
    RTMPS_PORT: variable(
      wholeNumber(0, 65535),
      '1936',
      'TCP port of RTMP publishers over TLS, where there is a certificate; 0 = none are heard.',
    ),
    RTMPS_CERT_FILE: variable(z.string().min(1), '', 'Certificate for RTMPS (PEM, with its chain).'),
    RTMPS_KEY_FILE: variable(z.string().min(1), '', 'Private key of that certificate (PEM).'),
    MAX_OUTPUTS_PER_INPUT: variable(wholeNumber(1, 1000), '20', 'Most outputs that one input may have.'),
    DEFAULT_RECONNECT_DELAY: variable(
      z
        .string()
        .regex(/^\d{1,4}(\.\d{1,3})?$/, 'must be seconds from 0.1 to 3600')
        .transform(Number)
        .refine((n) => n >= 0.1 && n <= 3600, 'must be seconds from 0.1 to 3600'),
      '5',
      "Seconds to an output's first retry, where it says nothing else.",
    ),
    MAX_RECONNECT_ATTEMPTS: variable(
      wholeNumber(0, 1_000_000),
      '0',
      'Failures in a row before an output gives up, where it says nothing else; 0 = never.',
    ),
  },
  Pictures: {
    STREAM_IMAGES_DIR: variable(
      z.string().min(1),
      '',
      'Directory of the pictures. Without it `DATA_DIR/stream-images`.',
    ),
    MAX_IMAGE_UPLOAD_SIZE_MB: variable(wholeNumber(1, 200), '20', 'Largest picture that is taken, in MB.'),
    MAX_STREAM_IMAGES_PER_STREAM: variable(
      wholeNumber(1, 10_000),
      '50',
      'Most pictures of one stream, those in the trash apart.',
    ),
    MAX_CONCURRENT_UPLOADS: variable(wholeNumber(1, 200), '20', 'Uploads that are taken in at once; the rest wait.'),
    ALLOWED_IMAGE_EXTENSIONS: variable(
      pictureTypes,
      'jpg,jpeg,png,gif,webp,bmp',
      'Kinds of pictures that are taken, by comma. What a file is counts, not what it is called.',
    ),
    SIGNED_URL_TTL_SECONDS: variable(
      wholeNumber(1, 604_800),
      '1800',
      'How long a link to a picture works where nobody says, in seconds; at most 7 days.',
    ),
    IMAGE_CACHE_MAX_MEMORY_MB: variable(
      wholeNumber(0, 65_536),
      '500',
      "Most memory in MB for pictures that are asked for again and again, and never more than an eighth of the machine's; 0 = none.",
    ),
    IMAGE_CACHE_TTL_HOURS: variable(wholeNumber(1, 8_760), '24', 'How long a picture stays in that memory, in hours.'),
    TRASH_DAYS: variable(wholeNumber(1, 36_500), '30', 'How long streams and pictures stay in the trash, in days.'),
  },
  Media: {
    MEDIA_WORKERS: variable(
      wholeNumber(1, 64),
      '',
      'Most media worker threads. Without it one for each core, at most 4.',
    ),
    RING_MAX_MB: variable(wholeNumber(4, 1024), '32', 'Most memory in MB for what an input keeps for its outputs.'),
    FFMPEG_PATH: variable(z.string().min(1), 'ffmpeg', 'The FFmpeg program: a name on the PATH, or a path.'),
    TLS_CA_FILE: variable(z.string().min(1), '', "Trust anchors (PEM) for RTMPS outputs, in place of the system's."),
    FAULTS: variable(
      oneOf(['0', '1']),
      '0',
      '1 lets `POST /api/system/faults` break things, for tests. Refused in production.',
    ),
  },
} satisfies Record<string, Record<string, Variable>>

type Rooms = typeof ROOMS
type Variables = { [R in keyof Rooms]: Rooms[R] }[keyof Rooms]
type AllVariables = Variables extends infer V ? (V extends unknown ? (k: V) => void : never) : never
type Merged = AllVariables extends (k: infer I) => void ? I : never
/** Parsed values by variable name; undefined where a variable has no fallback and is not set. */
type Values = { [N in keyof Merged]: Merged[N] extends { schema: z.ZodType<infer T> } ? T | undefined : never }

/** Where a value comes from; `file` = made at the first start and kept in the data directory. */
export type Setting = { name: string; value: string | null; source: 'env' | 'default' | 'file' }

export type Config = ReturnType<typeof toConfig>

export type ConfigFault = { name: string; message: string }
export type ConfigResult = { ok: true; config: Config } | { ok: false; faults: ConfigFault[] }

/** Reads the settings out of an environment, pure. An empty variable counts as not set. All faults come at once. */
export function loadConfig(env: Record<string, string | undefined>): ConfigResult {
  const faults: ConfigFault[] = []
  const values: Record<string, unknown> = {}
  const settings: Setting[] = []
  for (const [name, { schema, fallback, secret }] of allVariables()) {
    const given = env[name]?.trim() || undefined
    const text = given ?? (fallback || undefined)
    const shown = secret && given !== undefined ? '***' : (text ?? null)
    settings.push({ name, value: shown, source: given === undefined ? 'default' : 'env' })
    if (text === undefined) continue
    const result = schema.safeParse(text)
    if (result.success) values[name] = result.data
    else for (const issue of result.error.issues) faults.push({ name, message: issue.message })
  }
  const v = values as Values
  for (const kind of ['UDP', 'SRT'] as const) {
    const [start, end] = [v[`${kind}_PORT_RANGE_START`], v[`${kind}_PORT_RANGE_END`]]
    if (start !== undefined && end !== undefined && start > end)
      faults.push({ name: `${kind}_PORT_RANGE_END`, message: `must not be below ${kind}_PORT_RANGE_START (${start})` })
  }
  if ((v.RTMPS_CERT_FILE === undefined) !== (v.RTMPS_KEY_FILE === undefined)) {
    const [name, other] = v.RTMPS_CERT_FILE ? (['KEY', 'CERT'] as const) : (['CERT', 'KEY'] as const)
    faults.push({ name: `RTMPS_${name}_FILE`, message: `must be set where RTMPS_${other}_FILE is` })
  }
  const { PORT, RTMP_PORT, RTMPS_PORT } = v
  if (RTMP_PORT && RTMP_PORT === PORT) faults.push({ name: 'RTMP_PORT', message: `must not be PORT (${PORT})` })
  if (RTMPS_PORT && v.RTMPS_CERT_FILE && (RTMPS_PORT === PORT || RTMPS_PORT === RTMP_PORT))
    faults.push({ name: 'RTMPS_PORT', message: 'must be neither PORT nor RTMP_PORT' })
  if ((v.ADMIN_EMAIL === undefined) !== (v.ADMIN_PASSWORD === undefined))
    faults.push({
      name: v.ADMIN_EMAIL === undefined ? 'ADMIN_EMAIL' : 'ADMIN_PASSWORD',
      message: 'must be set too: the two belong together',
    })
  if (v.FAULTS === '1' && v.ENVIRONMENT === 'production')
    faults.push({ name: 'FAULTS', message: 'must be 0 where ENVIRONMENT is production' })
  if (faults.length > 0) return { ok: false, faults }
  return { ok: true, config: toConfig(v as { [N in keyof Values]: NonNullable<Values[N]> }, v, settings) }
}

/** The settings as the rooms take them: units in names, paths absolute. `o` keeps what may be unset. */
function toConfig(v: { [N in keyof Values]: NonNullable<Values[N]> }, o: Values, settings: Setting[]) {
  const dataDir = resolve(v.DATA_DIR)
  return {
    web: {
      port: v.PORT,
      host: v.HOST,
      publicUrl: o.PUBLIC_URL ?? null,
      trustedProxies: o.TRUSTED_PROXIES ?? [],
      production: v.ENVIRONMENT === 'production',
      apiKey: o.API_KEY ?? null,
    },
    data: {
      dir: dataDir,
      databaseUrl: o.DATABASE_URL ?? `file:${resolve(dataDir, 'weir.db')}`,
      secretKey: o.SECRET_KEY ?? null,
    },
    people: {
      admin: o.ADMIN_EMAIL && o.ADMIN_PASSWORD ? { email: o.ADMIN_EMAIL, password: o.ADMIN_PASSWORD } : null,
      corsOrigins: o.CORS_ORIGINS ?? [],
      perMinute: { reads: v.RATE_LIMIT_READS, writes: v.RATE_LIMIT_WRITES, uploads: v.RATE_LIMIT_UPLOADS },
      maxEventStreams: v.MAX_EVENT_STREAMS,
      auditDays: v.AUDIT_DAYS,
    },
    log: { level: v.LOG_LEVEL, format: v.LOG_FORMAT },
    ports: {
      udp: { start: v.UDP_PORT_RANGE_START, end: v.UDP_PORT_RANGE_END },
      srt: { start: v.SRT_PORT_RANGE_START, end: v.SRT_PORT_RANGE_END },
    },
    outputs: {
      maxPerInput: v.MAX_OUTPUTS_PER_INPUT,
      reconnectDelaySeconds: v.DEFAULT_RECONNECT_DELAY,
      maxReconnectAttempts: v.MAX_RECONNECT_ATTEMPTS,
    },
    images: {
      dir: resolve(o.STREAM_IMAGES_DIR ?? resolve(dataDir, 'stream-images')),
      maxUploadBytes: v.MAX_IMAGE_UPLOAD_SIZE_MB * 1024 * 1024,
      maxPerStream: v.MAX_STREAM_IMAGES_PER_STREAM,
      maxConcurrentUploads: v.MAX_CONCURRENT_UPLOADS,
      allowed: v.ALLOWED_IMAGE_EXTENSIONS,
      signedUrlSeconds: v.SIGNED_URL_TTL_SECONDS,
      trashDays: v.TRASH_DAYS,
      memory: {
        limitBytes: Math.min(v.IMAGE_CACHE_MAX_MEMORY_MB * 1024 * 1024, Math.floor(machineBytes() / 8)),
        ttlMs: v.IMAGE_CACHE_TTL_HOURS * 60 * 60 * 1000,
      },
    },
    media: {
      maxWorkers: o.MEDIA_WORKERS ?? Math.min(4, availableParallelism()),
      ringMaxBytes: v.RING_MAX_MB * 1024 * 1024,
      ffmpegPath: v.FFMPEG_PATH,
      caFile: o.TLS_CA_FILE ? resolve(o.TLS_CA_FILE) : null,
      faults: v.FAULTS === '1',
      denyPrivate: v.MEDIA_PRIVATE_TARGETS === 'deny',
      rtmp: {
        host: v.RTMP_HOST,
        /** 0 = there is no RTMP door, and none over TLS either. */
        port: v.RTMP_PORT,
        tls: toRtmpTls(v, o),
      },
    },
    settings,
  }
}

/** Of the machine, or of the container that this runs in. */
function machineBytes(): number {
  return Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY)
}

function toRtmpTls(v: { RTMP_PORT: number; RTMPS_PORT: number }, o: Values) {
  if (v.RTMP_PORT === 0 || v.RTMPS_PORT === 0 || !o.RTMPS_CERT_FILE || !o.RTMPS_KEY_FILE) return null
  return { port: v.RTMPS_PORT, certFile: resolve(o.RTMPS_CERT_FILE), keyFile: resolve(o.RTMPS_KEY_FILE) }
}

function allVariables(): [string, Variable][] {
  return Object.values(ROOMS).flatMap((room) => Object.entries<Variable>(room))
}

/** The settings of this process. */
export function readConfig(): ConfigResult {
  return loadConfig(process.env)
}

/** The settings of a demo: as in this process, but with data, keys and address of its own. */
export function readDemoConfig(dataDir: string): ConfigResult {
  const own = {
    DATA_DIR: dataDir,
    DATABASE_URL: '',
    STREAM_IMAGES_DIR: '',
    SECRET_KEY: '',
    API_KEY: '',
    PUBLIC_URL: '',
    TRUSTED_PROXIES: '',
    ADMIN_EMAIL: '',
    ADMIN_PASSWORD: '',
  }
  return loadConfig({ ...process.env, ...own })
}

/** Where a single binary unpacks what the system's loader wants as a file; systemd's `CacheDirectory=` comes first. */
export function cacheDir(): string {
  return process.env['CACHE_DIRECTORY'] || join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'weir')
}

/** The README's table of settings. */
export function toMarkdown(): string {
  const rows = Object.entries(ROOMS).flatMap(([room, variables]) => [
    `| **${room}** | | |`,
    ...Object.entries<Variable>(variables).map(
      ([name, { fallback, about }]) => `| \`${name}\` | ${fallback ? `\`${fallback}\`` : ''} | ${about} |`,
    ),
  ])
  return ['| variable | default | what |', '|---|---|---|', ...rows].join('\n')
}

/** The text of .env.example: every setting, commented out, with its default. */
export function toEnvExample(): string {
  const rooms = Object.entries(ROOMS).map(([room, variables]) => {
    const lines = Object.entries<Variable>(variables).map(
      ([name, { fallback, about }]) => `# ${about.replaceAll('`', '')}\n#${name}=${fallback}`,
    )
    return `## ${room}\n\n${lines.join('\n\n')}\n`
  })
  return `# Settings of Weir. All have defaults that run. Written from src/config.ts.\n\n${rooms.join('\n')}`
}

if (import.meta.main) process.stdout.write(process.argv.includes('--env') ? toEnvExample() : `${toMarkdown()}\n`)
