import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** Who may publish: places by application and key. */
export type Registry<P> = {
  add(path: string, place: P): void
  remove(place: P): void
  /** The place of this path, as `live/abc`; null where nobody has it. */
  find(path: string): P | null
  places(): P[]
}

/**
 * Finds places in a time that says nothing about what is registered: both sides are hashed under a secret of this
 * process, and every place is compared, found or not.
 */
export function createRegistry<P>(): Registry<P> {
  const secret = randomBytes(32)
  const digest = (path: string) => createHmac('sha256', secret).update(path).digest()
  const entries: { digest: Buffer; place: P }[] = []
  return {
    add: (path, place) => void entries.push({ digest: digest(path), place }),
    remove(place) {
      const at = entries.findIndex((entry) => entry.place === place)
      if (at >= 0) entries.splice(at, 1)
    },
    find(path) {
      const wanted = digest(path)
      let found: P | null = null
      for (const entry of entries) {
        const is = timingSafeEqual(entry.digest, wanted)
        found = is ? entry.place : found
      }
      return found
    },
    places: () => entries.map((entry) => entry.place),
  }
}
