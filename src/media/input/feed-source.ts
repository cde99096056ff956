import type { ChildExit, LogLine, SrtLink, Warning } from '../actual.ts'

/** Where a feed's bytes come from: a socket of our own, or an ingest FFmpeg. What comes through it is the reader's to judge. */
export type FeedSource = {
  /** `address:port` that sends now. */
  sender(nowMs: number): string | null
  /** Who else sends to the same place and is turned away. */
  other(): { address: string; atMs: number; allowed: boolean } | null
  /** What libsrt measures on the sender's link; only of sources that come that way. */
  link?(): SrtLink | null
  /** What is wrong with the source itself, whatever comes through it. */
  warning?(): Omit<Warning, 'since'> | null
  /** Resolves when socket and child are gone. */
  close(): Promise<void>
}

export type FeedEvents = {
  /** `fresh`: these bytes are the first of another stream; what was half read is void. The bytes are on loan. */
  data(bytes: Uint8Array, nowMs: number, fresh: boolean): void
  /** The way in stands: a port is bound, or what we fetch from has sent its first bytes. */
  opened(facts: { processId: number | null; receiveBufferBytes: number | null }): void
  /** A child brings the feed in from now on; null = none does. */
  child(processId: number | null): void
  /** It cannot be opened now and tries again by itself at `retryAt` (wall clock). `code` as in an input's warnings. */
  blocked(code: string, words: string, retryAt: number): void
  /** The sender said that this is the end: the show is over, and what follows is no loss. */
  goodbye(words: string): void
  /** Another publisher, `address`, put the one before out of its place. */
  replaced(address: string): void
  /** The child behind it is gone; the source is of no more use. */
  exited(words: string, exit: Omit<ChildExit, 'next'>): void
  log(level: LogLine['level'], text: string): void
  note(level: LogLine['level'], text: string): void
}
