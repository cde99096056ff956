import type { CacheStats, CheckAnswer, ImageResource, LooksView } from './images.schema.ts'

const ID = '0192f0c4-7a11-7c3e-9b5d-2f8e4c6a1b70'
const url = (name: string) => `/images/${ID}/${name}?v=4f1c9a0e6b7d4c32`

/** A picture in the API's own documentation, as its owner sees it. */
export const IMAGE_EXAMPLE = {
  id: ID,
  stream_key: 'live-001',
  title: 'On stage',
  alt: 'A band under blue light',
  description: '',
  tags: ['band'],
  width: 4032,
  height: 3024,
  placeholder: '3OcRJYB4d3h/iIeHeEh3eIhw+j2w',
  variants: { thumb: url('thumb'), small: url('small'), large: url('large'), original: url('original') },
  created_at: '2027-01-31T20:00:00.000Z',
  owner_id: 1,
  filename: 'IMG_2041.jpg',
  visibility: 'public',
  mime_type: 'image/jpeg',
  size_bytes: 5_242_880,
  sha256: '5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9',
  taken_at: '2027-01-31T19:58:12.000Z',
  source: 'upload',
  view_count: 3,
  last_accessed_at: null,
  updated_at: '2027-01-31T20:00:00.000Z',
  deleted_at: null,
} satisfies ImageResource

export const PAGE_EXAMPLE = { items: [IMAGE_EXAMPLE], next_cursor: null }
export const STATS_EXAMPLE = {
  ...{ total: 1, public: 1, private: 0, subscribers: 0, total_size_bytes: 5_242_880, total_size_mb: 5 },
  ...{ most_viewed: IMAGE_EXAMPLE, views_total: 3 },
}
export const LOOKS_EXAMPLE = {
  ...{ id: ID, step: 'day' as const, from: '2027-01-30T00:00:00.000Z', to: '2027-01-31T00:00:00.000Z' },
  views_total: 3,
  points: [
    { at: '2027-01-30T00:00:00.000Z', views: 0 },
    { at: '2027-01-31T00:00:00.000Z', views: 3 },
  ],
} satisfies LooksView
export const LINK_EXAMPLE = {
  url: `https://weir.example.org${url('large')}&exp=1801425600&kid=1f8e6a90&sig=3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA`,
  expires_at: '2027-01-31T20:00:00.000Z',
}
const LAYER = { used_bytes: 0, limit_bytes: 0, items: 0, hits: 0, misses: 0, evictions: 0, coalesced: 0 }
const MEMORY = { ...LAYER, used_bytes: 9_437_184, limit_bytes: 524_288_000, items: 310, hits: 4_120, misses: 310 }
export const CACHE_EXAMPLE = {
  layers: { http: { ...LAYER, hits: 2_048 }, memory: MEMORY, disk: { ...LAYER, used_bytes: 41_943_040, items: 1_240 } },
  pages: { stream_gallery: MEMORY },
  ...{ memory_used_mb: 9, memory_max_mb: 500, cached_items: 310 },
} satisfies CacheStats
export const CHECK_EXAMPLE = {
  checked: 1,
  missing: [{ id: ID, files: ['small.webp'] }],
  orphaned: [],
  quarantined: [],
} satisfies CheckAnswer
