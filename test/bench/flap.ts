import { runFlap } from '../support/flap.ts'
import { openShow } from '../support/show-stage.ts'

/**
 * A feed that dies again and again, with outputs by UDP, SRT and RTMP to real servers: `bun test/bench/flap.ts [minutes]`,
 * a death a minute; an hour without an argument. Wanted: no disconnect, no continuity error.
 */
const minutes = Number(process.argv[2] ?? 60)
await using show = await openShow(1, {})
const flap = await runFlap(show, {
  deaths: minutes,
  aliveMs: 50_000,
  deadMs: [0, 300, 2_000, 5_000, 15_000],
  onDeath: ({ pids: _, ...figures }) => console.log(JSON.stringify(figures)),
})
const { pids: _, ...figures } = flap
console.log(JSON.stringify(figures))
process.exitCode = flap.disconnects + flap.continuityErrors > 0 ? 1 : 0
