import { readdirSync, readlinkSync } from 'node:fs'
import { readFile } from 'node:fs/promises'

/** Bytes that the kernel holds for the other end of each TCP connection, by the inode of its socket. */
export type SendQueues = ReadonlyMap<number, number>

/**
 * Reads all of this machine's (proc(5): `/proc/net/tcp`, `tx_queue`). Never on the loop: the kernel goes through a table of
 * hundreds of thousands of places, however few are taken (25 to 600 ms, measured on a machine with too much to do).
 */
export async function readSendQueues(): Promise<SendQueues> {
  const queues = new Map<number, number>()
  for (const path of ['/proc/net/tcp', '/proc/net/tcp6'])
    for (const line of await readLines(path)) addQueue(queues, line)
  return queues
}

/** Exported for the test. Fields: number, both addresses, state, `tx_queue:rx_queue` in hexadecimal, ..., the inode tenth. */
export function addQueue(queues: Map<number, number>, line: string): void {
  const fields = line.trim().split(/\s+/)
  const bytes = Number.parseInt(fields[4]?.split(':')[0] ?? '', 16)
  const inode = Number(fields[9])
  if (Number.isFinite(bytes) && inode > 0) queues.set(inode, bytes)
}

/** Inodes of the sockets that a process has open; empty when it is gone. */
export function readSocketInodes(pid: number): number[] {
  const dir = `/proc/${pid}/fd`
  try {
    return readdirSync(dir).flatMap((fd) => {
      const inode = /^socket:\[(\d+)\]$/.exec(readLink(`${dir}/${fd}`))?.[1]
      return inode ? [Number(inode)] : []
    })
  } catch {
    // It ended between two looks.
    return []
  }
}

function readLink(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    // Closed between two looks.
    return ''
  }
}

async function readLines(path: string): Promise<string[]> {
  try {
    return (await readFile(path, 'latin1')).split('\n').slice(1)
  } catch {
    // A machine without IPv6 has no such file.
    return []
  }
}

export type SendQueue = {
  /** `writtenBytes`: what the child had written to its connection before they were read. */
  sample(queues: SendQueues, writtenBytes: number, nowMs: number): void
  /** Null until its connection was seen. */
  readonly bytes: number | null
  /** When the other end last took something (`Clock.now`); null until then. */
  readonly takenAtMs: number | null
}

/**
 * What one child's connection still has to deliver. A peer that froze is seen here at once: its side of the kernel takes
 * nothing, while FFmpeg goes on writing into ours for ten seconds (measured) before it blocks.
 */
export function createSendQueue(pid: number): SendQueue {
  let inodes: number[] = []
  let bytes: number | null = null
  let mostTaken = 0
  let takenAtMs: number | null = null

  return {
    sample(queues, writtenBytes, nowMs) {
      if (!inodes.some((inode) => queues.has(inode))) inodes = readSocketInodes(pid)
      const held = inodes.flatMap((inode) => queues.get(inode) ?? [])
      if (held.length === 0) return
      bytes = held.reduce((sum, each) => sum + each, 0)
      const taken = writtenBytes - bytes
      if (taken <= mostTaken) return
      mostTaken = taken
      takenAtMs = nowMs
    },
    get bytes() {
      return bytes
    },
    get takenAtMs() {
      return takenAtMs
    },
  }
}
