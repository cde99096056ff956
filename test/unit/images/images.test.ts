import { describe, expect, test } from 'bun:test'
import type { ImageRow } from '../../../src/db/tables/images.ts'
import type { StreamRow } from '../../../src/db/tables/streams.ts'
import { createBus, type DomainEvent } from '../../../src/bus.ts'
import { toName } from '../../../src/images/bytes/bytes.ts'
import { parseRange } from '../../../src/images/bytes/range.ts'
import { createLinkSigner } from '../../../src/images/images.links.ts'
import { toStored } from '../../../src/images/images.resource.ts'
import { createTell } from '../../../src/images/images.tell.ts'
import { createGate } from '../../../src/images/upload/gate.ts'
import { toFilename } from '../../../src/images/upload/intake.ts'
import { createManualClock } from '../../../src/lib/clock.ts'

const image = {
  ...{ id: 'a', streamId: 1, visibility: 'public', sha256: 'x', mimeType: 'image/jpeg', linkEpoch: 0 },
  ...{ teaserId: 't', deletedAt: null, quarantinedAt: null, variants: [], tags: [], createdAt: 0, updatedAt: 0 },
  ...{ takenAt: null, lastAccessedAt: null },
} as unknown as ImageRow
const stream = (id: number) => ({ id, key: `s${id}`, visibility: 'public', deletedAt: null }) as StreamRow

describe('a part of a file', () => {
  test.each([
    [undefined, 'all'],
    ['bytes=0-0', { first: 0, last: 0 }],
    ['bytes=2-', { first: 2, last: 9 }],
    ['bytes=-3', { first: 7, last: 9 }],
    ['bytes=-30', { first: 0, last: 9 }],
    ['bytes=5-99', { first: 5, last: 9 }],
    ['bytes=10-', 'none'],
    ['bytes=-0', 'none'],
    ['bytes=5-2', 'all'],
    ['bytes=-', 'all'],
    ['bytes=0-1,3-4', 'all'],
    ['items=0-1', 'all'],
    ['bytes=0-99999999999999999999', 'all'],
  ] as const)('%p of ten bytes', (header, wanted) => {
    expect(parseRange(header, 10)).toEqual(wanted)
  })
  test('of an empty file there is none', () => {
    expect([parseRange('bytes=0-', 0), parseRange('bytes=-1', 0)]).toEqual(['none', 'none'])
  })
})

test.each([
  ['thumb', 'thumb.jpg'],
  ['large.webp', 'large.webp'],
  ['full.avif', 'full.avif'],
  ['original', 'original'],
  ['original.gif', 'original'],
  ['teaser', 'teaser.jpg'],
  ['teaser.webp', null],
  ['thumb.png', null],
  ['thumb.', null],
  ['thumb.jpg/..', null],
  ['constructor', null],
  ['thumb.toString', null],
])('%s means %p', (variant, name) => {
  expect(toName(variant)).toBe(name as never)
})

test('what a file measures', () => {
  const of = (name: string, width: number, height: number) => {
    const stored = toStored({ name, sizeBytes: 1 } as never, { width, height })
    return [stored.width, stored.height]
  }
  expect(of('thumb.jpg', 10, 4000)).toEqual([200, 200])
  expect(of('small.webp', 4000, 3000)).toEqual([400, 300])
  expect(of('small.jpg', 100, 50)).toEqual([100, 50])
  expect(of('large.jpg', 2, 16_000)).toEqual([1, 1280])
  expect(of('full.jpg', 5000, 10)).toEqual([5000, 10])
})

test('a name is one line of bounded length, whole letters alone', () => {
  expect(toFilename('../../x.jpg')).toBe('../../x.jpg')
  expect(toFilename('a\0b\u2028c\ud800')).toBe('a\ufffdb\ufffdc\ufffd')
  expect([...toFilename('🎬'.repeat(900))].length).toBe(500)
  expect(toFilename('')).toBe('picture')
})

describe('signed links', () => {
  const secret = (byte: number) => new Uint8Array(32).fill(byte)
  const query = (text: string) =>
    Object.fromEntries(new URLSearchParams(text)) as { exp: string; kid: string; sig: string }

  test('outlive a change of the secret as long as the old one is known', () => {
    const shown = query(createLinkSigner([secret(1)]).sign('/images/a/thumb', image, 100))
    const verify = (...secrets: Uint8Array[]) =>
      createLinkSigner(secrets).verify('/images/a/thumb', image, shown, 99_000)
    expect([verify(secret(1)), verify(secret(2), secret(1)), verify(secret(2))]).toEqual(['good', 'good', 'bad'])
  })

  test('end with their second, and with their epoch', () => {
    const signer = createLinkSigner([secret(1)])
    const shown = query(signer.sign('/p', image, 100))
    const at = (wallMs: number, epoch = 0) => signer.verify('/p', { ...image, linkEpoch: epoch }, shown, wallMs)
    expect([at(99_999), at(100_000), at(99_999, 1)]).toEqual(['good', 'expired', 'bad'])
    expect(signer.verify('/p', image, { ...shown, exp: '999' }, 0)).toBe('bad')
    expect(signer.verify('/p', image, { ...shown, sig: '' }, 0)).toBe('bad')
  })
})

describe('what each audience is told', () => {
  async function told(before: ImageRow | null, after: ImageRow | null): Promise<string[]> {
    const bus = createBus()
    const events: DomainEvent[] = []
    bus.subscribe((event) => events.push(event))
    createTell({ bus, streams: { byId: stream } })(before, after)
    await Promise.resolve()
    return events.map((event) =>
      'audience' in event ? `${event.type} ${event.streamId} ${event.audience}` : event.type,
    )
  }
  const as = (change: Partial<ImageRow>) => ({ ...image, ...change })

  test.each([
    ['a public picture comes', null, image, ['added 1 owners', 'added 1 subscribers', 'added 1 public']],
    ['a private one comes', null, as({ visibility: 'private' }), ['added 1 owners']],
    [
      'a public one becomes for subscribers',
      image,
      as({ visibility: 'subscribers' }),
      ['changed 1 owners', 'changed 1 subscribers', 'removed 1 public'],
    ],
    [
      'it goes to the trash',
      image,
      as({ deletedAt: 1 }),
      ['removed 1 owners', 'removed 1 subscribers', 'removed 1 public'],
    ],
    ['it goes for ever from there', as({ deletedAt: 1 }), null, []],
    [
      'it is damaged',
      image,
      as({ quarantinedAt: 1 }),
      ['changed 1 owners', 'removed 1 subscribers', 'removed 1 public'],
    ],
    [
      'a private one is moved',
      as({ visibility: 'private' }),
      as({ visibility: 'private', streamId: 2 }),
      ['removed 1 owners', 'added 2 owners'],
    ],
  ] as const)('%s', async (_, before, after, wanted) => {
    expect(await told(before, after)).toEqual(wanted.map((each) => `image.${each}`))
  })
})

describe('the gate', () => {
  test('lets so many in, the rest in their order', async () => {
    const gate = createGate({ places: 2, clock: createManualClock() })
    const ends: (() => void)[] = []
    const order: number[] = []
    const enter = (n: number) =>
      gate.pass(async () => {
        order.push(n)
        await new Promise<void>((resolve) => ends.push(resolve))
      })
    const all = [0, 1, 2, 3].map(enter)
    await Promise.resolve()
    expect([order, gate.counts()]).toEqual([[0, 1], { inside: 2, waiting: 2 }])
    ends[1]?.()
    await all[1]
    expect([order, gate.counts()]).toEqual([[0, 1, 2], { inside: 2, waiting: 1 }])
    ends[0]?.()
    await all[0]
    ends[2]?.()
    ends[3]?.()
    await Promise.all(all)
    expect([order, gate.counts()]).toEqual([[0, 1, 2, 3], { inside: 0, waiting: 0 }])
  })

  test('tells whoever waits too long, and forgets whoever is gone', async () => {
    const clock = createManualClock()
    const gate = createGate({ places: 1, clock, waitMs: 100 })
    const end = Promise.withResolvers<void>()
    const first = gate.pass(() => end.promise)
    const late = gate.pass(async () => 'never').catch((error) => error.code)
    const gone = new AbortController()
    const left = gate.pass(async () => 'never', gone.signal).catch((error) => error.code)
    gone.abort()
    clock.advance(100)
    expect([await late, await left, gate.counts()]).toEqual(['image.busy', 'image.busy', { inside: 1, waiting: 0 }])
    end.resolve()
    await first
    expect(await gate.pass(async () => 'in')).toBe('in')
  })

  test('a failure inside gives the place back', async () => {
    const gate = createGate({ places: 1, clock: createManualClock() })
    expect(gate.pass(async () => Promise.reject(new Error('x')))).rejects.toThrow('x')
    expect(await gate.pass(async () => 'in')).toBe('in')
  })
})
