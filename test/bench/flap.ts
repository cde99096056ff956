import { runFlap } from '../support/flap.ts'
import { checkMedia } from '../support/media-check.ts'
import { openShow } from '../support/show-stage.ts'

/**
 * A feed that dies again and again, with outputs by UDP, SRT and RTMP to real servers, and what these recorded decoded whole:
 * `bun test/bench/flap.ts [deaths] [seconds from one to the next]`. Without arguments 60 deaths in an hour; `60 6` has as many
 * in six minutes, which leaves each feed a few seconds on air and none gone for longer than two. Wanted: no disconnect, no
 * continuity error, no picture that cannot be decoded.
 */
const deaths = Number(process.argv[2] ?? 60)
const everyMs = Number(process.argv[3] ?? 60) * 1_000
const deadMs = [0, 300, 2_000, 5_000, 15_000].filter((ms) => ms <= everyMs / 3)
console.log(JSON.stringify({ deaths, everyMs, deadMs }))
const beganMs = performance.now()

async function run(): Promise<number> {
  await using show = await openShow(1, {})
  const flap = await runFlap(show, {
    deaths,
    everyMs,
    deadMs,
    onDeath: ({ pids: _, ...figures }) => console.log(JSON.stringify(figures)),
  })
  const { pids, ...figures } = flap
  console.log(JSON.stringify({ minutes: Math.round((performance.now() - beganMs) / 6_000) / 10, ...figures }))
  // Throws where a process or a connection was not the same from beginning to end.
  const files = await show.finish(pids)
  let decodeErrors = 0
  // The UDP receiver keeps its first 64 MiB, cut off in the middle of a picture; its packets were counted as they came.
  for (const path of files.filter((file) => !file.endsWith('udp.ts'))) {
    const media = await checkMedia(path)
    decodeErrors += media.decodeErrors.length
    console.log(JSON.stringify({ path, ...media, decodeErrors: media.decodeErrors.slice(0, 5) }))
  }
  return flap.disconnects + flap.continuityErrors + decodeErrors
}

// The RTMP server that tests share would keep the program alive.
process.exit((await run()) > 0 ? 1 : 0)
