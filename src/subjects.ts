import type { AuditSink } from './http/audit.ts'
import { imagePatch } from './images/images.schema.ts'
import type { Images } from './images/images.service.ts'
import { inputPatch } from './inputs/inputs.schema.ts'
import type { Inputs } from './inputs/inputs.service.ts'
import type { Live } from './live/live.ts'
import { outputPatch } from './outputs/outputs.schema.ts'
import type { Outputs } from './outputs/outputs.service.ts'
import { isAppError } from './errors.ts'
import { KEY_ACTOR } from './http/key-auth.ts'
import type { Members } from './streams/members.service.ts'
import type { StreamView } from './streams/streams.resource.ts'
import { memberPatch, streamPatch } from './streams/streams.schema.ts'
import type { Streams } from './streams/streams.service.ts'
import { keyPatch, userPatch } from './users/users.schema.ts'
import { toUserResource } from './users/users.resource.ts'
import type { Users } from './users/users.service.ts'
import type { Keys } from './users/keys.service.ts'

type Facts = Record<string, unknown>

export type SubjectDeps = {
  /** Absent where no server runs. */
  media?: { inputs: Pick<Inputs, 'get'>; outputs: Pick<Outputs, 'get'>; live: Pick<Live, 'inputOf'> }
  /** Absent likewise. */
  galleries?: {
    streams: Pick<Streams, 'findInTrash'>
    toStream: StreamView['toStream']
    members: Pick<Members, 'byId'>
    images: Pick<Images, 'get'>
  }
  users: Pick<Users, 'find'>
  apiKeys: Pick<Keys, 'find'>
}

/**
 * What the audit log compares: of each thing the fields that can be set, as the API gives them. Secrets are not among
 * them, for they never come back; what moves by itself is not either.
 */
export function createSubjects(d: SubjectDeps): AuditSink['read'] {
  const { media, galleries } = d
  const readers: Record<string, { fields: string[]; read(id: number): Facts | Promise<Facts> }> = {
    ...(galleries && {
      member: { fields: Object.keys(memberPatch.shape), read: galleries.members.byId },
    }),
    ...(media && {
      input: {
        fields: Object.keys(inputPatch.shape),
        read: (id) => media.inputs.get(id, { host: '', seesKeys: false }),
      },
      output: {
        fields: Object.keys(outputPatch.shape),
        read: (id) => media.outputs.get(media.live.inputOf(id) ?? 0, id, { host: '', seesKeys: false }),
      },
    }),
    user: { fields: Object.keys(userPatch.shape), read: (id) => toUserResource(d.users.find(id)) },
    key: { fields: Object.keys(keyPatch.shape), read: (id) => d.apiKeys.find(id) },
  }

  return async (target) => {
    const [noun = '', id = ''] = target.split(':')
    const reader = Object.hasOwn(readers, noun) ? readers[noun] : undefined
    try {
      if (noun === 'stream' && galleries) {
        const row = galleries.streams.findInTrash(id, KEY_ACTOR)
        return pick(galleries.toStream(row, KEY_ACTOR), [...Object.keys(streamPatch.shape), 'status', 'deleted_at'])
      }
      if (noun === 'image' && galleries)
        return pick(await galleries.images.get(KEY_ACTOR, id), [
          ...Object.keys(imagePatch.shape),
          'stream_key',
          'deleted_at',
        ])
      if (!reader || !/^[1-9]\d{0,14}$/.test(id)) return null
      return pick(await reader.read(Number(id)), reader.fields)
    } catch (error) {
      // Not there, before it was made or after it was deleted.
      if (isAppError(error) && error.status === 404) return null
      throw error
    }
  }
}

function pick(facts: Facts, fields: readonly string[]): Facts {
  return Object.fromEntries(fields.filter((name) => name in facts).map((name) => [name, facts[name]]))
}
