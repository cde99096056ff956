import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'

/** How often an element may change at most: its state 4 times a second, its figures and a list of lines once. */
export type Pace = 'state' | 'figures' | 'lines'

const GAP_MS: Record<Pace, number> = { state: 250, figures: 1000, lines: 1000 }
/** What happened is first written in one batch with its neighbours, then told. */
const DELAY_MS: Record<Pace, number> = { state: 0, figures: 0, lines: 300 }

/** Texts that are kept to compare with; of the oldest it is forgotten that they were told. */
const MAX_TOLD = 5_000

/** A piece of a page that stands in an element of its own, told whenever its text has changed. */
export type Part<R> = {
  key: string
  /** Pages that listen to it. */
  topic: string
  /** Its text as it goes to the page; null where what it shows is gone. `read` is shared by all parts of one turn. */
  render(read: R): Promise<string | null>
}

export type PartCasts<R> = {
  /** Says that a part may read otherwise now. Ten times in a row are told once. */
  touch(part: Part<R>, pace: Pace): void
  /** Somebody came who has other texts than the rest: whatever is touched next is told, even if it reads as before. */
  forget(): void
  close(): void
}

export type PartCastsOptions<R> = {
  clock: Clock
  log: Log
  /** What nobody looks at is not rendered. */
  isWanted(topic: string): boolean
  publish(topic: string, text: string): void
  /** A fresh reader for each turn, so that parts share what they read and never see what is old. */
  openReader(): R
}

/**
 * Turns "this may have changed" into texts for pages: the first change of an element goes out at once, those that follow
 * within its pace become one, and a text that did not change is not sent. Parts of one turn and topic are one message.
 */
export function createPartCasts<R>(o: PartCastsOptions<R>): PartCasts<R> {
  const dirty = new Map<string, { part: Part<R>; dueMs: number }>()
  const told = new Map<string, { atMs: number; text: string | null }>()
  let cancelTimer: (() => void) | null = null
  let turning = false
  let closed = false

  function schedule(): void {
    cancelTimer?.()
    cancelTimer = null
    if (turning || closed || dirty.size === 0) return
    const dueMs = Math.min(...[...dirty.values()].map((entry) => entry.dueMs))
    cancelTimer = o.clock.after(Math.max(0, dueMs - o.clock.now()), () => void turn())
  }

  async function turn(): Promise<void> {
    turning = true
    const read = o.openReader()
    const messages = new Map<string, string>()
    const now = o.clock.now()
    const due = [...dirty.values()].filter((entry) => entry.dueMs <= now)
    // What is touched from here on may have changed since it was read: it has a turn of its own.
    for (const { part } of due) dirty.delete(part.key)
    for (const { part } of due) {
      const text = await renderChanged(part, read, now)
      if (text !== null) messages.set(part.topic, (messages.get(part.topic) ?? '') + text)
    }
    if (!closed) for (const [topic, text] of messages) o.publish(topic, text)
    turning = false
    schedule()
  }

  /** The text of a part where it differs from what was told last. */
  async function renderChanged(part: Part<R>, read: R, nowMs: number): Promise<string | null> {
    try {
      const text = await part.render(read)
      const before = told.get(part.key)
      if (text === null) told.delete(part.key)
      else told.set(part.key, { atMs: nowMs, text })
      if (told.size > MAX_TOLD) told.delete(told.keys().next().value ?? '')
      return text === before?.text ? null : text
    } catch (error) {
      o.log.error('a part of a page could not be rendered', { part: part.key, error })
      return null
    }
  }

  return {
    touch(part, pace) {
      if (closed) return
      if (!o.isWanted(part.topic)) {
        told.delete(part.key)
        return
      }
      const free = (told.get(part.key)?.atMs ?? Number.NEGATIVE_INFINITY) + GAP_MS[pace]
      const earliest = Math.max(o.clock.now() + DELAY_MS[pace], free)
      const dueMs = Math.min(earliest, dirty.get(part.key)?.dueMs ?? earliest)
      dirty.set(part.key, { part, dueMs })
      schedule()
    },
    forget() {
      for (const entry of told.values()) entry.text = null
    },
    close() {
      closed = true
      dirty.clear()
      schedule()
    },
  }
}
