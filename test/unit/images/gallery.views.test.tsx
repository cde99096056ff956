/** @jsxImportSource hono/jsx */
import { describe, expect, test } from 'bun:test'
import { Gallery, type GalleryProps } from '../../../src/images/images.gallery.views.tsx'
import { LightboxPage } from '../../../src/images/images.lightbox.views.tsx'
import { UploadBox } from '../../../src/images/images.upload.views.tsx'
import type { Picture } from '../../../src/images/picture.ts'

const ID = '01a1fefb-a6b7-70db-8cce-def2bb8e04cb'
const stream = {
  key: 'friday-night',
  title: 'Friday night',
  default_visibility: 'private',
  allow_download: false,
  cover_image_id: null,
} as const

function aPicture(change: Partial<Picture> = {}): Picture {
  return {
    id: ID,
    stream_key: stream.key,
    title: 'Last song',
    alt: '',
    description: '',
    tags: [],
    width: 3000,
    height: 2000,
    placeholder: '',
    variants: { thumb: `/images/${ID}/thumb?v=1`, small: `/images/${ID}/small?v=1`, large: `/images/${ID}/large?v=1` },
    created_at: '2026-11-15T10:31:07.000Z',
    ...change,
  }
}

const counts = { total: 1, public: 1, subscribers: 0, private: 0 }
const show = (change: Partial<GalleryProps> = {}) =>
  String(
    <Gallery
      {...{ stream, pictures: [aPicture()], counts, query: {}, isOwn: false, nextCursor: null }}
      {...(change as object)}
    />,
  )

test('a full stream asks for no files but says how there is room again', () => {
  const box = (isFull: boolean) => String(<UploadBox {...{ stream, isFull }} maxSizeMb={20} mostPictures={50} />)
  expect(box(true)).toContain('This stream is full')
  expect(box(true)).not.toContain('type="file"')
  expect(box(false)).toContain('type="file"')
  expect(box(false)).toContain('<legend>Who may see what you upload</legend>')
})

test('what is locked is counted beside what is open', () => {
  const locked = { id: ID.replace('01a1', '01a2'), locked: true, teaser_url: '/images/x/teaser' } as const
  expect(show({ pictures: [aPicture(), locked] })).toContain('1 picture, 1 more for subscribers</h2>')
  expect(show()).toContain('1 picture</h2>')
})

describe('a card', () => {
  test('says how large the picture is before it is there, and offers the sizes that there are', () => {
    const html = show()
    expect(html).toContain('width="3000" height="2000"')
    expect(html).toContain(`/images/${ID}/small?v=1 400w, /images/${ID}/large?v=1 1280w`)
  })

  test('of a small picture the sizes are not larger than it is', () => {
    expect(show({ pictures: [aPicture({ width: 300, height: 200 })] })).toContain('small?v=1 300w')
  })

  test('has nothing to change for those who may not', () => {
    const html = show()
    for (const part of ['type="checkbox"', 'data-picture-visibility', 'bulkbar', 'name="visibility"'])
      expect(html).not.toContain(part)
    const own = show({ isOwn: true, pictures: [aPicture({ visibility: 'private', view_count: 1204 })] })
    for (const part of ['type="checkbox"', `data-picture-visibility="${ID}"`, 'bulkbar', '1,204'])
      expect(own).toContain(part)
  })

  test('of a locked picture shows the teaser alone', () => {
    const html = show({ pictures: [{ id: ID, locked: true, teaser_url: `/images/${ID}/teaser?v=2` }] })
    expect(html).toContain(`/images/${ID}/teaser?v=2`)
    expect(html).toContain('For subscribers')
    expect(html).not.toContain('/gallery/')
  })

  test('shows titles and tags as text, whatever they hold', () => {
    const nasty = '"><img src=x onerror=alert(1)>'
    const picture = aPicture({ title: nasty, alt: nasty, tags: [nasty], description: nasty })
    const page = String(
      <LightboxPage {...{ stream, picture, pictures: [picture], query: {}, isOwn: true, baseUrl: 'http://weir' }} />,
    )
    for (const html of [show({ pictures: [picture], isOwn: true, query: { tag: nasty, q: nasty } }), page])
      expect(html).not.toContain('<img src=x')
  })
})

test('an empty list says what to do, to each what they can', () => {
  const none = { pictures: [], counts: { total: 0, public: 0, subscribers: 0, private: 0 } }
  expect(show({ ...none, isOwn: true })).toContain('Drop some anywhere on this page')
  expect(show(none)).toContain('They appear here by themselves.')
  expect(show({ pictures: [], query: { q: 'x' } })).toContain('Show all')
})
