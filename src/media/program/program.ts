import type { Format } from './units.ts'

/** Where a program's bytes go: one output's child, behind its stdin. */
export type Sink = {
  /**
   * Takes a chunk of whole transport packets. `null` = taken; a Promise = full, and it resolves when there is room
   * again. Throws, or rejects, once the child is gone.
   */
  write(chunk: Uint8Array): Promise<unknown> | null
}

/** One output's place in the program's ring. */
export type Feed = {
  /** Ends the delivery; nothing is written to the sink afterwards. */
  detach(): void
  /** How often this reader fell too far behind and jumped. */
  readonly skips: number
  /** How far behind the live edge beyond its start, milliseconds. */
  lagMs(nowMs: number): number
  /** Since when (`Clock.now`) the sink has been full; null while it takes what it is given. */
  readonly busySinceMs: number | null
  readonly bytesWritten: number
}

/** What an output reads from: its input's program, however often the feed behind it restarts. */
export type Program = {
  readonly onAir: boolean
  /** Counts up whenever outputs must restart: a codec changed. */
  readonly version: number
  /** Counts up when the AAC configuration alone changed: outputs that make the sound anew go on. */
  readonly soundVersion: number
  /** What the program carries; null until that is known. */
  readonly format: Format | null
  /**
   * Starts delivery at the right keyframe. `paced` limits the first burst, for receivers that drop what comes too fast;
   * `adapts`: the delivery goes on when the AAC configuration changes.
   */
  attach(sink: Sink, options: { paced: boolean; adapts: boolean }): Feed
}

/**
 * A place at the gate that all spawns pass: resolves when it is one's turn, least recently failed first
 * (`lastFailedAtMs`, wall clock, 0 = never). Rejects once `signal` is aborted; the place is then given back.
 */
export type Gate = (lastFailedAtMs: number, signal: AbortSignal) => Promise<void>
