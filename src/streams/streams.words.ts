import type { Relation } from '../lib/access.ts'
import type { IconName } from '../ui/icon.tsx'
import type { StreamResource, StreamStatus } from './streams.schema.ts'

type Look = { word: string; icon: IconName; note: string }

/** Who may see a stream. */
export const VISIBILITIES: Record<StreamResource['visibility'], Look> = {
  private: { word: 'Private', icon: 'lock', note: 'its members alone' },
  unlisted: { word: 'Unlisted', icon: 'link', note: 'whoever has the address' },
  public: { word: 'Public', icon: 'public', note: 'anybody, and it stands on the first page' },
}

/** Who may see a picture, the stream's own visibility aside. */
export const PICTURE_VISIBILITIES_WORDS: Record<StreamResource['default_visibility'], Look> = {
  private: { word: 'Private', icon: 'lock', note: 'owner and co-owners' },
  subscribers: { word: 'Subscribers', icon: 'subscribers', note: 'all members' },
  public: { word: 'Public', icon: 'public', note: 'whoever sees the stream' },
}

/** `state` colours it as an input of that state. */
export const STATUS: Record<StreamStatus, { word: string; icon: IconName; state: string }> = {
  planned: { word: 'Planned', icon: 'clock', state: 'inactive' },
  live: { word: 'Live', icon: 'state-live', state: 'active' },
  ended: { word: 'Ended', icon: 'state-stopped', state: 'stopped' },
}

/** Begun and not ended, but its feed is not there. */
export const INTERRUPTED: { word: string; icon: IconName; state: string } = {
  word: 'Interrupted',
  icon: 'state-reconnecting',
  state: 'reconnecting',
}

export const RELATION_WORDS: Record<Relation, string> = {
  owner: 'Owner',
  co_owner: 'Co-owner',
  subscriber: 'Subscriber',
}
