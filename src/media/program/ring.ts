/** A stretch of the program as the outputs read it: whole packets; a key chunk begins with PAT and PMT. */
export type Chunk = { readonly data: Uint8Array; readonly atMs: number; readonly key: boolean }

export type Ring = {
  push(chunk: Chunk): void
  /** Sequence number that the next chunk will get. */
  readonly head: number
  /** Sequence number of the oldest chunk still there. */
  readonly tail: number
  readonly bytes: number
  at(seq: number): Chunk | undefined
  /** Where a new reader begins: the newest keyframe that is at least `START_AGE_MS` old, else any, else the live edge. */
  startSeq(nowMs: number): number
  /** Newest keyframe after `seq`, or the live edge: where a reader lands that has fallen behind. */
  jumpSeq(seq: number): number
  /** New readers do not start before what comes from here on (the program was off the air). */
  cut(): void
  clear(): void
}

const KEEP_MS = 8_000
/** A fresher keyframe would leave FFmpeg waiting for the half second it analyses before its first byte. */
const START_AGE_MS = 500
/** Without a keyframe for so long the program is taken for one that has none to start at. */
const KEY_MAX_AGE_MS = 10_500

/**
 * The program's last seconds, shared by every output: chunks are written once and never copied. Kept are 8 s, the whole
 * current group of pictures, and what `oldestNeeded` still asks for, within `maxBytes`.
 */
export function createRing(maxBytes: number, oldestNeeded: () => number | null = () => null): Ring {
  let chunks: (Chunk | undefined)[] = []
  // Chunks before `first` are let go; the array is cut back once in a while so that dropping stays cheap.
  let first = 0
  let base = 0
  let bytes = 0
  let floor = 0
  let keys: number[] = []

  const head = () => base + chunks.length
  const tail = () => base + first
  const at = (seq: number) => (seq >= tail() ? chunks[seq - base] : undefined)

  function newestKey(test: (seq: number, chunk: Chunk) => boolean): number | null {
    for (let i = keys.length - 1; i >= 0; i--) {
      const seq = keys[i] as number
      const chunk = at(seq)
      if (!chunk || seq < floor) break
      if (test(seq, chunk)) return seq
    }
    return null
  }

  function startSeq(nowMs: number): number {
    const settled = newestKey((_, chunk) => nowMs - chunk.atMs >= START_AGE_MS)
    if (settled !== null && nowMs - (at(settled) as Chunk).atMs <= KEY_MAX_AGE_MS) return settled
    return newestKey((_, chunk) => nowMs - chunk.atMs < START_AGE_MS) ?? head()
  }

  function dropOldest(): void {
    const chunk = chunks[first] as Chunk
    bytes -= chunk.data.byteLength
    if (keys[0] === tail()) keys.shift()
    chunks[first] = undefined
    first++
    if (first > 512 && first * 2 > chunks.length) {
      chunks = chunks.slice(first)
      base += first
      first = 0
    }
  }

  function trim(nowMs: number): void {
    const start = startSeq(nowMs)
    const needed = Math.min(start, oldestNeeded() ?? start)
    while (first < chunks.length - 1) {
      const oldest = chunks[first] as Chunk
      const wanted = nowMs - oldest.atMs <= KEEP_MS || tail() >= needed
      if (wanted && bytes <= maxBytes) break
      dropOldest()
    }
  }

  return {
    get head() {
      return head()
    },
    get tail() {
      return tail()
    },
    get bytes() {
      return bytes
    },
    at,
    startSeq,
    jumpSeq: (seq) => newestKey((key) => key > seq) ?? head(),
    push(chunk) {
      if (chunk.key) keys.push(head())
      chunks.push(chunk)
      bytes += chunk.data.byteLength
      trim(chunk.atMs)
    },
    cut() {
      floor = head()
    },
    clear() {
      base = head()
      chunks = []
      keys = []
      first = 0
      bytes = 0
      floor = base
    },
  }
}
