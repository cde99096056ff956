import type { MemberResource, StreamResource } from './streams.schema.ts'

export const STREAM_EXAMPLE: StreamResource = {
  key: 'friday-night',
  title: 'Friday night at St Mark’s',
  description: 'Four bands, from seven.',
  owner_id: 1,
  input_id: 3,
  streamer_id: null,
  category_id: null,
  visibility: 'public',
  default_visibility: 'private',
  teasers: false,
  allow_download: false,
  cover_image_id: null,
  cover_url: '/api/streams/friday-night/live.jpg?at=1795257067000',
  snapshot_interval_seconds: null,
  snapshot_keep: 20,
  status: 'live',
  role: 'owner',
  started_at: '2026-11-21T18:59:12.000Z',
  ended_at: null,
  created_at: '2026-11-20T10:31:07.000Z',
  updated_at: '2026-11-21T18:59:12.000Z',
  deleted_at: null,
}

export const MEMBER_EXAMPLE: MemberResource = {
  id: 4,
  role: 'subscriber',
  user_id: null,
  name: 'The Hallorans',
  until: '2027-01-31T23:59:59.999Z',
  created_at: '2026-11-21T10:31:07.000Z',
}
