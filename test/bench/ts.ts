import { createCanonicalWriter } from '../../src/media/program/canonical.ts'
import { createTsReader } from '../../src/media/mpegts/reader.ts'
import { createSplice } from '../../src/media/program/splice.ts'
import { fixture } from '../support/fixtures.ts'
import { HOLD } from '../support/ts-simulator.ts'

/**
 * Transport packets per second of CPU, on one core: `bun test/bench/ts.ts [file.ts]`. Without a file a
 * fixture of 2.5 Mbit/s is taken. Fed in datagrams of seven packets; the median of several rounds.
 */
const DATAGRAM_BYTES = 7 * 188
const ROUNDS = 9
const ROUND_PACKETS = 400_000

const path = process.argv[2] ?? (await fixture('main'))
const feed = new Uint8Array(await Bun.file(path).arrayBuffer())
const loops = Math.max(1, Math.round(ROUND_PACKETS / (feed.length / 188)))

function cpuSeconds(run: () => void): number {
  const before = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

/** Cut beforehand: a socket hands over buffers of its own. */
const datagrams = Array.from({ length: Math.ceil(feed.length / DATAGRAM_BYTES) }, (_, i) =>
  Buffer.from(feed.slice(i * DATAGRAM_BYTES, (i + 1) * DATAGRAM_BYTES)),
)

/** Plays the feed `loops` times; its timestamps jump back at each seam, which costs one picture. */
function play(push: (bytes: Uint8Array, nowMs: number) => void): void {
  let nowMs = 0
  for (let loop = 0; loop < loops; loop++) {
    for (const datagram of datagrams) {
      nowMs += 1
      push(datagram, nowMs)
    }
  }
}

function read(): void {
  const reader = createTsReader({ program: null, onUnit: () => undefined, onFormat: () => undefined })
  play(reader.push)
}

function readSpliceWrite(): void {
  let writer = createCanonicalWriter({ video: null, audio: null })
  let takenBytes = 0
  const splice = createSplice({
    rules: { ...HOLD, lossMs: 60_000 },
    emit(unit) {
      if (unit.kind === 'video' && unit.key) takenBytes += writer.take()?.length ?? 0
      writer.write(unit)
    },
    onAir: () => undefined,
    onRestarted: () => undefined,
    onProgramChange(format) {
      writer = createCanonicalWriter(format)
    },
  })
  const reader = createTsReader({
    program: null,
    onUnit: (unit, nowMs) => splice.main.unit(unit, nowMs),
    onFormat: (format) => splice.main.format(format),
  })
  let pushes = 0
  play((bytes, nowMs) => {
    reader.push(bytes, nowMs)
    if (++pushes % 10 === 0) takenBytes += writer.take()?.length ?? 0
  })
  if (takenBytes === 0) throw new Error('nothing was written')
}

for (const [name, run] of Object.entries({ read, 'read + splice + write': readSpliceWrite })) {
  run()
  const packets = (feed.length / 188) * loops
  const rates = Array.from({ length: ROUNDS }, () => packets / cpuSeconds(run)).sort((a, b) => a - b)
  const median = (rates[ROUNDS >> 1] as number) / 1e6
  const coreAt10 = (10e6 / 8 / 188 / (median * 1e6)) * 100
  console.log(
    `${name}: ${median.toFixed(1)} M packets per CPU second; 10 Mbit/s cost ${coreAt10.toFixed(3)} % of a core`,
  )
}
