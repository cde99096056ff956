import { AppError } from '../../errors.ts'
import type { Targets } from '../../lib/targets.ts'
import type { Preflight } from '../actual.ts'
import { lookAtDestination, type PreflightFacts } from '../output/preflight.ts'
import type { OutputSpec } from '../specs.ts'

const MAX_AT_ONCE = 4

export type Preflights = {
  /** Ends within 10 s, sooner when this is closed. @throws AppError busy while four others look */
  look(output: OutputSpec, facts: PreflightFacts): Promise<Preflight>
  close(): void
}

/** Looks at destinations, a few at a time: each holds sockets for seconds, to wherever somebody typed. */
export function createPreflights(deps: { targets: Targets; caFile: string | null }): Preflights {
  const closed = new AbortController()
  let looking = 0

  return {
    async look(output, facts) {
      if (looking === MAX_AT_ONCE) throw new AppError(tooMany)
      looking++
      try {
        return await lookAtDestination(output, facts, { ...deps, signal: closed.signal })
      } finally {
        looking--
      }
    },
    close: () => closed.abort(),
  }
}

const tooMany = {
  kind: 'busy' as const,
  code: 'output.preflight_busy',
  message: 'Several destinations are being looked at already. Try again in a few seconds.',
  retryAfterSeconds: 5,
}
