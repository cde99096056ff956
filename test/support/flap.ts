import { startFeed } from './feed.ts'
import type { Show } from './show-stage.ts'

export type Flap = {
  deaths: number
  /** Output processes that ended. */
  disconnects: number
  continuityErrors: number
  longestSilenceMs: number
  /** How often what was on air changed. */
  switches: number
  pids: (number | null)[]
}

/** A feed that is killed and started again, each time as another encoder, while the outputs of a show are watched. */
export async function runFlap(
  show: Show,
  o: { deaths: number; aliveMs: number; deadMs: readonly number[]; onDeath?(flap: Flap): void },
): Promise<Flap> {
  const { stage, udp, port, spec } = show
  stage.want(spec)
  let feed = await startFeed(port)
  const pids = await show.allRun()
  const told = (name: string) => stage.events.filter((event) => event.name === name).length
  let longestSilenceMs = 0
  udp.longestGapMs()
  const now = (deaths: number): Flap => {
    longestSilenceMs = Math.max(longestSilenceMs, udp.longestGapMs())
    return {
      deaths,
      disconnects: told('output.exited'),
      continuityErrors: udp.errorCount(),
      longestSilenceMs: Math.round(longestSilenceMs),
      switches: told('input.switched'),
      pids,
    }
  }
  for (let death = 1; death <= o.deaths; death++) {
    // The show itself is the clock here: how long it lives and lies is what is being tried out.
    await Bun.sleep(o.aliveMs)
    await stage.inputIs(spec.id, 'the feed is on air', ({ onAir }) => onAir === 'main')
    feed.kill('SIGKILL')
    await feed.exited
    await Bun.sleep(o.deadMs[death % o.deadMs.length] as number)
    feed = await startFeed(port, { otherEncoder: death % 2 === 1 })
    o.onDeath?.(now(death))
  }
  await stage.inputIs(spec.id, 'the feed is on air', ({ onAir }) => onAir === 'main')
  await udp.more(2_000)
  const flap = now(o.deaths)
  await feed.stop()
  return flap
}
