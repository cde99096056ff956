import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

/** One event on the wire: a name (none for page fragments) and its data, text as it is or anything else as JSON. */
export type SseEvent = { name?: string; data: unknown }

export type EventIds = {
  /** Veiled for strangers: numbers that grow would tell them how much happens that is not for them. */
  of(seq: number, isVeiled: boolean): string
  /** The number in an id of this run and kind; null in anything else. */
  read(id: string | undefined, isVeiled: boolean): number | null
}

/**
 * Ids of events: `<epoch>-<number>`, or the number as one AES block (FIPS 197) under a key that lives as long as this run, in
 * hex.
 */
export function createEventIds(epoch: string): EventIds {
  const key = randomBytes(16)

  function crypt(turn: typeof createCipheriv | typeof createDecipheriv, block: Buffer): Buffer {
    const cipher = turn('aes-128-ecb', key, null).setAutoPadding(false)
    return Buffer.concat([cipher.update(block), cipher.final()])
  }

  function veil(seq: number): string {
    const block = Buffer.alloc(16)
    block.writeBigUInt64BE(BigInt(seq))
    return crypt(createCipheriv, block).toString('hex')
  }

  function unveil(id: string): number | null {
    if (!/^[0-9a-f]{32}$/.test(id)) return null
    const block = crypt(createDecipheriv, Buffer.from(id, 'hex'))
    // Whatever was not made here does not end in noughts.
    return block.readBigUInt64BE(8) === 0n ? Number(block.readBigUInt64BE()) : null
  }

  return {
    of: (seq, isVeiled) => (isVeiled ? veil(seq) : `${epoch}-${seq}`),
    read(id = '', isVeiled) {
      if (isVeiled) return unveil(id)
      const match = /^([0-9a-z]+)-(\d{1,15})$/.exec(id)
      return match?.[1] === epoch ? Number(match[2]) : null
    },
  }
}

/** An event as it goes out (WHATWG HTML 9.2.6). */
export function encodeEvent(event: SseEvent, id: string): Uint8Array {
  const data = typeof event.data === 'string' ? event.data : JSON.stringify(event.data)
  const lines = data.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`)
  return new TextEncoder().encode(`id: ${id}\n${event.name ? `event: ${event.name}\n` : ''}${lines.join('')}\n`)
}

/**
 * Many events as one: the id of the last alone is one to resume from. Whoever was cut off between them, or has an id from
 * before, gets them all again.
 */
export function encodeSnapshot(events: readonly SseEvent[], id: string): Uint8Array {
  const last = events.length - 1
  return Buffer.concat(events.map((event, i) => encodeEvent(event, i === last ? id : `${id}.${i + 1}`)))
}
