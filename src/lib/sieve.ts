import type { Clock } from './clock.ts'

type Node<V> = {
  key: string
  value: V
  sizeBytes: number
  addedMs: number
  wasRead: boolean
  newer: Node<V> | null
  older: Node<V> | null
}

export type SieveFigures = { usedBytes: number; limitBytes: number; items: number; evictions: number }

export type Sieve<V> = ReturnType<typeof createSieve<V>>

/**
 * A cache of so many bytes and no more. Who goes when it is full: SIEVE (Zhang et al., NSDI 2024), a hand that walks from the
 * oldest to the newest, spares once what was read since it last came by, and so keeps what is asked for again and again
 * from what passes through once. Nothing stays longer than `ttlMs`.
 */
export function createSieve<V>(o: { limitBytes: number; ttlMs: number; clock: Pick<Clock, 'now'> }) {
  const nodes = new Map<string, Node<V>>()
  let newest: Node<V> | null = null
  let oldest: Node<V> | null = null
  let hand: Node<V> | null = null
  let usedBytes = 0
  let evictions = 0

  function unlink(node: Node<V>): void {
    nodes.delete(node.key)
    usedBytes -= node.sizeBytes
    if (hand === node) hand = node.newer
    if (node.newer) node.newer.older = node.older
    else newest = node.older
    if (node.older) node.older.newer = node.newer
    else oldest = node.newer
  }

  function evict(): void {
    let node = hand ?? oldest
    while (node?.wasRead) {
      node.wasRead = false
      node = node.newer ?? oldest
    }
    if (!node) return
    hand = node.newer
    unlink(node)
    evictions++
  }

  function remove(key: string): void {
    const node = nodes.get(key)
    if (node) unlink(node)
  }

  return {
    get(key: string): V | null {
      const node = nodes.get(key)
      if (!node) return null
      if (o.clock.now() - node.addedMs > o.ttlMs) {
        unlink(node)
        return null
      }
      node.wasRead = true
      return node.value
    },
    /** What is larger than all that fits is not kept. */
    set(key: string, value: V, sizeBytes: number): void {
      remove(key)
      if (sizeBytes > o.limitBytes) return
      while (usedBytes + sizeBytes > o.limitBytes) evict()
      const node = { key, value, sizeBytes, addedMs: o.clock.now(), wasRead: false, newer: null, older: newest }
      if (newest) newest.newer = node
      newest = node
      oldest ??= node
      nodes.set(key, node)
      usedBytes += sizeBytes
    },
    remove,
    /** Lets go of so many percent of what it has, those first that came first; 100 is all. */
    clear(percent = 100): void {
      for (let left = Math.ceil((nodes.size * percent) / 100); left > 0 && oldest; left--) unlink(oldest)
    },
    figures: (): SieveFigures => ({ usedBytes, limitBytes: o.limitBytes, items: nodes.size, evictions }),
  }
}
