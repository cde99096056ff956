import type { Log } from './lib/log.ts'
import type { ChildExit, LogLine } from './media/actual.ts'

/** What happens inside Weir, in the past tense. Events name things; who cares reads the state from `live`. */
export type DomainEvent =
  | { type: 'input.changed'; inputId: number }
  | { type: 'input.removed'; inputId: number }
  | { type: 'output.changed'; inputId: number; outputId: number }
  | { type: 'output.removed'; inputId: number; outputId: number }
  | { type: 'stats'; inputId: number }
  /** A newer still is there; told at most once a second for each input, and only while somebody looks. */
  | { type: 'input.still'; inputId: number; at: number }
  | { type: 'input.restarted'; inputId: number; reason: string; gapMs: number }
  | { type: 'input.switched'; inputId: number; from: string; to: string; reason: string | null; gapMs: number }
  | { type: 'output.exited'; inputId: number; outputId: number; exit: ChildExit }
  | { type: 'output.log'; inputId: number; outputId: number; line: LogLine }
  | { type: 'system.status' }
  /** What stands on the page of a stream reads otherwise now. */
  | { type: 'stream.changed'; streamId: number }
  /** `data`: the picture as that audience of its stream is told of it, or its id alone. */
  | { type: 'image.added' | 'image.changed' | 'image.removed'; streamId: number; audience: string; data: unknown }

export type Bus = {
  /** Hands the event to every subscriber after the caller's own turn; never throws. */
  publish(event: DomainEvent): void
  /** The answer ends the subscription; nothing is delivered afterwards. */
  subscribe(fn: (event: DomainEvent) => void): () => void
}

const QUEUE_LIMIT = 4096

/**
 * In-process events. Each subscriber has a queue of its own, emptied in a microtask, so a publisher never runs foreign
 * code and one bad subscriber harms nobody. A queue holds 4096 events; past that the oldest fall out and the loss is
 * logged: whoever missed one is healed by the next.
 */
export function createBus(o: { log?: Log } = {}): Bus {
  type Subscriber = {
    fn: (event: DomainEvent) => void
    queue: DomainEvent[]
    active: boolean
    scheduled: boolean
    lost: number
  }
  const subscribers = new Set<Subscriber>()

  function drain(subscriber: Subscriber): void {
    subscriber.scheduled = false
    if (subscriber.lost > 0) o.log?.warn('events lost by a slow subscriber', { lost: subscriber.lost })
    subscriber.lost = 0
    for (const event of subscriber.queue.splice(0)) {
      if (!subscriber.active) return
      try {
        subscriber.fn(event)
      } catch (error) {
        o.log?.error('event handler failed', { event: event.type, error })
      }
    }
  }

  return {
    publish(event) {
      for (const subscriber of subscribers) {
        if (subscriber.queue.push(event) > QUEUE_LIMIT) {
          subscriber.queue.shift()
          subscriber.lost++
        }
        if (subscriber.scheduled) continue
        subscriber.scheduled = true
        queueMicrotask(() => drain(subscriber))
      }
    },
    subscribe(fn) {
      const subscriber: Subscriber = { fn, queue: [], active: true, scheduled: false, lost: 0 }
      subscribers.add(subscriber)
      return () => {
        subscriber.active = false
        subscribers.delete(subscriber)
      }
    },
  }
}
