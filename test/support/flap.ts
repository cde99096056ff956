import { startFeed } from './feed.ts'
import type { Show } from './show-stage.ts'

export type Flap = {
  deaths: number
  /** Output processes that ended. */
  disconnects: number
  /** Why, the last ones. */
  exits: string[]
  continuityErrors: number
  /** At each receiver that can tell. */
  longestSilenceMs: Record<string, number>
  /** Longest time without a turn of the thread in which all of it happens: the silence is longer by so much. */
  stalledMs: number
  /** How often what was on air changed. */
  switches: number
  pids: (number | null)[]
}

/** A feed that is killed and started again, each time as another encoder, while the outputs of a show are watched. */
export async function runFlap(
  show: Show,
  o: {
    deaths: number
    /** From one death to the next. */
    everyMs: number
    /** How long the feed is gone, in turn. */
    deadMs: readonly number[]
    onDeath?(flap: Flap): void
  },
): Promise<Flap> {
  const { stage, port, spec, udp } = show
  stage.want(spec)
  let feed = await startFeed(port)
  const pids = await show.allRun()
  const told = (name: string) => stage.events.filter((event) => event.name === name).length
  const longestSilenceMs: Record<string, number> = {}
  let stalledMs = 0
  show.longestGapsMs()
  show.stalledMs()
  const now = (deaths: number): Flap => {
    for (const [receiver, ms] of Object.entries(show.longestGapsMs()))
      longestSilenceMs[receiver] = Math.max(longestSilenceMs[receiver] ?? 0, Math.round(ms))
    stalledMs = Math.max(stalledMs, Math.round(show.stalledMs()))
    return {
      deaths,
      disconnects: told('output.exited'),
      exits: stage.events
        .flatMap((event) => (event.name === 'output.exited' ? [event.data.exit] : []))
        .map((exit) => `${exit.class} ${exit.lines.at(-1) ?? ''}`)
        .slice(-5),
      continuityErrors: udp.errorCount(),
      longestSilenceMs: { ...longestSilenceMs },
      stalledMs,
      switches: told('input.switched'),
      pids,
    }
  }
  for (let death = 1; death <= o.deaths; death++) {
    const deadMs = o.deadMs[death % o.deadMs.length] as number
    // The show itself is the clock here: how long it lives and lies is what is being tried out.
    await Bun.sleep(o.everyMs - deadMs)
    await stage.inputIs(spec.id, 'the feed is on air', ({ onAir }) => onAir === 'main')
    feed.kill('SIGKILL')
    await feed.exited
    await Bun.sleep(deadMs)
    feed = await startFeed(port, { otherEncoder: death % 2 === 1 })
    o.onDeath?.(now(death))
  }
  await stage.inputIs(spec.id, 'the feed is on air', ({ onAir }) => onAir === 'main')
  await udp.more(2_000)
  const flap = now(o.deaths)
  await feed.stop()
  return flap
}
