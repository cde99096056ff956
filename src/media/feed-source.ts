import type { ChildExit, LogLine } from './protocol.ts'

/** How far the way into Weir is open; whether anything comes through it is the reader's to say. */
export type SourceState = {
  status: 'starting' | 'open' | 'reconnecting' | 'error'
  /** Plain words; null where the state says it all. */
  reason: string | null
  processId: number | null
  /** Wall clock. */
  nextRetryAt: number | null
  reconnectCount: number
  receiveBufferBytes: number | null
}

/** Where a feed's bytes come from: a socket of the hub's own, or an ingest FFmpeg. */
export type FeedSource = {
  state(): SourceState
  /** `address:port` that sends now. */
  sender(nowMs: number): string | null
  other(): { address: string; atMs: number; allowed: boolean } | null
  exits(): ChildExit[]
  /** Resolves when socket and child are gone. */
  close(): Promise<void>
}

export type FeedEvents = {
  /** `fresh`: these bytes are the first of another stream; what was half read is void. */
  data(bytes: Uint8Array, nowMs: number, fresh: boolean): void
  /** The state changed. */
  changed(): void
  note(level: LogLine['level'], text: string): void
}
