import { eq } from 'drizzle-orm'
import type { Database, Statement } from '../db/client.ts'
import { type InputRow, inputs } from '../db/tables/inputs.ts'
import { listeners } from '../db/tables/listeners.ts'
import { AppError, invalidField } from '../errors.ts'
import { isBackupLoop } from '../lib/backup-loop.ts'
import { toFreeSlug, toSlug } from '../lib/slug.ts'
import type { Live } from '../live/live.ts'
import { type Ports, type PortWish, toListenAddress, toListener } from '../live/ports.ts'
import { codecName } from '../ui/format.ts'
import { hasField, type InputDraft } from './inputs.draft.ts'
import type { RtmpDoor } from './inputs.publish.ts'

export type InputRules = {
  /** A path that no other has, and a name. @throws AppError 409 input.name_taken, input.path_taken */
  path(draft: InputDraft, ownId: number | null): Promise<string>
  /** The port it listens on, where its kind has one. @throws AppError as `Ports.choose` */
  port(draft: InputDraft, stored: InputRow | null): Promise<Pick<InputRow, 'udpPort' | 'srtPort'>>
  /** What writes down whose port it is, in place of what stood there. */
  listen(row: InputRow): Statement[]
  /** @throws AppError 422 input.loop, 422 at `kind` where nobody hears RTMP publishers */
  reachable(draft: InputDraft, stored: InputRow | null): Promise<void>
  /**
   * That the backup is there and never leads back, over any number of backups; and that it carries the same codec, where both
   * feeds are known now. @throws AppError 422 input.backup_loop, 422, 409 input.backup_codec; all at `backup_input_id`
   */
  backup(draft: InputDraft, stored: InputRow | null): Promise<void>
}

/** What an input may not do beside others. Holds within the turn in which the row is written. */
export function createInputRules(o: {
  db: Database
  ports: Ports
  door: RtmpDoor
  live: Pick<Live, 'input'>
}): InputRules {
  return {
    async path(draft, ownId) {
      const rows = await o.db.orm.select({ id: inputs.id, nameKey: inputs.nameKey, path: inputs.path }).from(inputs)
      const others = rows.filter((row) => row.id !== ownId)
      if (others.some((row) => row.nameKey === draft.nameKey)) throw taken('name', 'Another input has this name.')
      const paths = new Set(others.map((row) => row.path))
      if (draft.path === null) return toFreeSlug(toSlug(draft.name, 'input'), (slug) => paths.has(slug))
      if (paths.has(draft.path)) throw taken('path', 'Another input has this path.')
      return draft.path
    },
    async port(draft, stored) {
      const wish = toWish(draft)
      if (!wish) return { udpPort: null, srtPort: null }
      const owned = stored && toWish(stored)
      // What it owns stays its own, whatever the settings or the machine's addresses have become since.
      const stays = wish.wanted !== null && Bun.deepEquals(wish, owned)
      const port = stays ? wish.wanted : await o.ports.choose({ ...wish, ownerId: stored?.id ?? null })
      return wish.field === 'udp_port' ? { udpPort: port, srtPort: null } : { udpPort: null, srtPort: port }
    },
    listen(row) {
      const old = o.db.orm.delete(listeners).where(eq(listeners.inputId, row.id))
      const wish = toWish(row)
      if (!wish || wish.wanted === null) return [old]
      return [old, o.db.orm.insert(listeners).values(toListener(wish, wish.wanted, row.id))]
    },
    async reachable({ kind, place }, stored) {
      if (kind === 'rtmp' && stored?.kind !== 'rtmp' && o.door.port === 0)
        throw invalidField('kind', 'This server hears no RTMP publishers: its setting RTMP_PORT is 0.')
      if (!place || place.url === stored?.url) return
      const refusal = await o.ports.refusal(place.host)
      if (refusal) throw invalidField('url', refusal)
      const ours = await o.ports.isOurs(kind === 'srt_caller' ? 'udp' : 'tcp', place.host, place.port)
      if (!ours) return
      throw invalidField('url', 'Weir itself listens there: the feed would come out of itself.', 'input.loop')
    },
    async backup({ backupInputId: backup }, stored) {
      if (backup === null || backup === stored?.backupInputId) return
      const rows = await o.db.orm.select({ id: inputs.id, backupInputId: inputs.backupInputId }).from(inputs)
      if (!rows.some(({ id }) => id === backup))
        throw invalidField('backup_input_id', 'There is no such input. It may have been deleted.')
      // A new one is nobody's backup yet.
      if (!stored) return
      if (isBackupLoop(rows, stored.id, backup)) {
        const message =
          backup === stored.id
            ? 'An input cannot be its own backup.'
            : 'That input has this one as its backup, itself or over others: it would lead in a circle.'
        throw invalidField('backup_input_id', message, 'input.backup_loop')
      }
      const [own, other] = [stored.id, backup].map((id) => o.live.input(id).actual.video?.codec)
      if (own === undefined || other === undefined || own === other) return
      const message = `That feed is ${codecName(other)}, this one ${codecName(own)}: every output would restart. Set both encoders alike.`
      const errors = [{ path: 'backup_input_id', message }]
      throw new AppError({ kind: 'conflict', code: 'input.backup_codec', message, errors })
    },
  }
}

type Place = Pick<InputRow, 'kind' | 'udpPort' | 'srtPort' | 'bindAddress' | 'multicastGroup'>

/** What an input of this kind listens on; null where it listens on nothing of its own. */
function toWish(row: Place): Omit<PortWish, 'ownerId'> | null {
  const field = hasField(row.kind, 'udp_port') ? 'udp_port' : hasField(row.kind, 'srt_port') ? 'srt_port' : null
  if (!field) return null
  return {
    wanted: field === 'udp_port' ? row.udpPort : row.srtPort,
    address: toListenAddress(row.bindAddress),
    group: row.multicastGroup ?? '',
    field,
    owner: 'input',
  }
}

function taken(path: 'name' | 'path', message: string): AppError {
  return new AppError({ kind: 'conflict', code: `input.${path}_taken`, message, errors: [{ path, message }] })
}
