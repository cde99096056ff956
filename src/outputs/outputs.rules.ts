import { and, count, eq, ne } from 'drizzle-orm'
import type { Database } from '../db/client.ts'
import { type OutputRow, outputs } from '../db/tables/outputs.ts'
import { AppError, invalidField } from '../errors.ts'
import { toHostKey } from '../lib/host.ts'
import type { SecretBox } from '../lib/secret-box.ts'
import { loop, type Ours, type Ports } from '../live/ports.ts'
import { openSecret } from '../live/specs.ts'
import type { Place } from './address.ts'

export type Rules = {
  /** @throws AppError 409 output.limit */
  room(inputId: number): Promise<void>
  /** @throws AppError 409 output.name_taken */
  name(inputId: number, nameKey: string, ownId: number | null): Promise<void>
  /** @throws AppError 422 output.loop, or where nothing may be sent */
  reachable(place: Place): Promise<void>
  /** The enabled output that goes to the same place, if there is one. */
  twin(candidate: OutputRow): Promise<OutputRow | null>
}

const LOOPS: Record<Ours, string> = {
  pages: 'The pages of Weir itself are there.',
  rtmp: 'Weir itself takes RTMP publishers there: the feed would come back.',
  listener: 'Weir itself listens there: the feed would come back.',
}

/** What an output may not do beside others. Holds within the turn in which the row is written. */
export function createRules(o: { db: Database; ports: Ports; secrets: SecretBox; maxPerInput: number }): Rules {
  const { orm } = o.db

  function keyOf(row: OutputRow): string | null {
    try {
      return openSecret(row, 'stream_key', o.secrets)
    } catch {
      // Unreadable keys are equal to none: such an output does not run.
      return row.streamKeySealed
    }
  }

  return {
    async room(inputId) {
      const [row] = await orm.select({ n: count() }).from(outputs).where(eq(outputs.inputId, inputId))
      if ((row?.n ?? 0) < o.maxPerInput) return
      const message = `An input has at most ${o.maxPerInput} outputs.`
      throw new AppError({ kind: 'conflict', code: 'output.limit', message })
    },
    async name(inputId, nameKey, ownId) {
      const same = and(eq(outputs.inputId, inputId), eq(outputs.nameKey, nameKey), ne(outputs.id, ownId ?? 0))
      const rows = await orm.select({ id: outputs.id }).from(outputs).where(same)
      if (rows.length === 0) return
      const message = 'Another output of this input has this name.'
      throw new AppError({ kind: 'conflict', code: 'output.name_taken', message, errors: [{ path: 'name', message }] })
    },
    async reachable(place) {
      // A port to listen on is the allocator's affair.
      if (place.protocol === 'srt_listener') return
      const refusal = await o.ports.refusal(place.host)
      if (refusal) throw invalidField('url', refusal)
      const transport = place.protocol === 'rtmp' || place.protocol === 'rtsp' ? 'tcp' : 'udp'
      const ours = await o.ports.isOurs(transport, place.host, place.port)
      if (ours) throw loop('url', LOOPS[ours])
    },
    async twin(candidate) {
      // Callers to one SRT port tell themselves apart by their stream id, or are refused there; a listener owns its port.
      if (candidate.protocol === 'srt_caller' || candidate.protocol === 'srt_listener') return null
      const rows = await orm
        .select()
        .from(outputs)
        .where(
          and(
            eq(outputs.enabled, true),
            eq(outputs.protocol, candidate.protocol),
            eq(outputs.port, candidate.port),
            eq(outputs.app, candidate.app),
            ne(outputs.id, candidate.id),
          ),
        )
      const key = keyOf(candidate)
      const host = toHostKey(candidate.host)
      return rows.find((row) => toHostKey(row.host) === host && keyOf(row) === key) ?? null
    },
  }
}

export function duplicate(twin: OutputRow): AppError {
  const message = `The output ${twin.name} goes to the same place and is enabled.`
  return new AppError({ kind: 'conflict', code: 'output.duplicate', message, errors: [{ path: 'url', message }] })
}
