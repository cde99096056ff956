import { unlinkSync } from 'node:fs'
import type { z } from 'zod'
import { CONTROL, createFrameReader, MEDIA, toFrame, toMediaPayloads } from './frames.ts'
import { type FromDoor, fromDoor, type ToDoor, toDoor } from './messages.ts'
import { createOutbox } from './outbox.ts'

/**
 * How a media worker and a door speak: a Unix stream socket with JSON for control and bytes for media, both read with
 * suspicion and neither side ever holding more than a bounded amount.
 */
export type Link<Out> = {
  send(control: Out): void
  /**
   * Null = taken; a Promise = the other end is behind: wait for it before the next. It also resolves when the link
   * ends.
   */
  media(bytes: Uint8Array): Promise<void> | null
  /** Media and control that the other end has not taken yet. */
  readonly waitingBytes: number
  /** `onClose` follows. */
  close(): void
}

export type LinkHandlers<In> = {
  onControl(control: In): void
  /** While an answered Promise is open nothing more is read; a rejected one ends the link. */
  onMedia(bytes: Uint8Array): Promise<unknown> | null
  /** Once, however it ended; `error` says what was wrong with it, null for a plain end. */
  onClose(error: string | null): void
}

/**
 * Past this the other end is taken for dead. Whoever waits as asked never comes near: the longest message of a publisher
 * has 4 MiB.
 */
const WAITING_LIMIT_BYTES = 8 * 1024 * 1024

type Socket = { write(bytes: Uint8Array): number; pause(): void; resume(): void; end(): void; terminate(): void }

/** The part that both ends share: frames in order, back-pressure both ways, one end. */
function createLink<In, Out>(schema: z.ZodType<In>, handlers: LinkHandlers<In>) {
  const reader = createFrameReader()
  let socket: Socket | null = null
  let busy = false
  let ended = false
  const outbox = createOutbox({
    pipe: () => socket,
    limitBytes: WAITING_LIMIT_BYTES,
    tooMuch: () => end('the other end does not read'),
  })

  function end(error: string | null): void {
    if (ended) return
    ended = true
    outbox.close()
    socket?.terminate()
    handlers.onClose(error)
  }

  function heard(type: number, payload: Uint8Array): Promise<unknown> | null {
    if (type === MEDIA) return handlers.onMedia(payload)
    handlers.onControl(toControl(payload))
    return null
  }

  /** Says nothing of what came: it may hold a passphrase. */
  function toControl(payload: Uint8Array): In {
    try {
      return schema.parse(JSON.parse(new TextDecoder().decode(payload)))
    } catch {
      throw new Error('what came is no message')
    }
  }

  function read(): void {
    try {
      while (!busy && !ended) {
        const frame = reader.next()
        if (!frame) return
        const pending = heard(frame.type, frame.payload)
        if (pending) wait(pending)
      }
    } catch (error) {
      end(toWords(error))
    }
  }

  function wait(pending: Promise<unknown>): void {
    busy = true
    socket?.pause()
    pending.then(
      () => {
        busy = false
        read()
        if (!busy && !ended) socket?.resume()
      },
      (error) => end(toWords(error)),
    )
  }

  const link: Link<Out> = {
    send(control) {
      if (!ended) void outbox.write(toFrame(CONTROL, new TextEncoder().encode(JSON.stringify(control))))
    },
    media(bytes) {
      if (ended) return null
      let pending: Promise<void> | null = null
      for (const payload of toMediaPayloads(bytes)) pending = outbox.write(toFrame(MEDIA, payload)) ?? pending
      return pending
    },
    get waitingBytes() {
      return outbox.waitingBytes
    },
    close: () => end(null),
  }
  return {
    link,
    open(opened: Socket) {
      if (ended) return opened.terminate()
      socket = opened
      outbox.drain()
    },
    data(bytes: Uint8Array) {
      reader.push(bytes)
      if (!busy) read()
    },
    drain: () => outbox.drain(),
    end,
  }
}

/** The worker's end of one registration. What is sent before it is open waits; a door that is not there is an `onClose`. */
export function connectDoor(path: string, handlers: LinkHandlers<FromDoor>): Link<ToDoor> {
  const it = createLink<FromDoor, ToDoor>(fromDoor, handlers)
  Bun.connect({
    unix: path,
    socket: {
      open: (socket) => it.open(socket),
      data: (_, bytes) => it.data(bytes),
      drain: () => it.drain(),
      close: () => it.end(null),
      error: (_, error) => it.end(error.message),
      connectError: (_, error) => it.end(error.message),
    },
  }).catch((error) => it.end(toWords(error)))
  return it.link
}

export type DoorServer = { close(): void }

/**
 * The door's end: each connection is one registration. Only this user can connect, because `path` stands in a directory
 * of ours alone. Answers the handlers of a connection when it opens.
 */
export function createDoorServer(
  path: string,
  server: { onOpen(link: Link<FromDoor>): LinkHandlers<ToDoor> },
): DoorServer {
  const open = new Set<Link<FromDoor>>()
  try {
    // Of a door that died: nobody else has a place in this directory.
    unlinkSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  type Held = ReturnType<typeof createLink<ToDoor, FromDoor>>
  const listener = Bun.listen<Held>({
    unix: path,
    socket: {
      open(socket) {
        let handlers: LinkHandlers<ToDoor> | null = null
        const it = createLink<ToDoor, FromDoor>(toDoor, {
          onControl: (control) => handlers?.onControl(control),
          onMedia: (bytes) => handlers?.onMedia(bytes) ?? null,
          onClose(error) {
            open.delete(it.link)
            handlers?.onClose(error)
          },
        })
        socket.data = it
        open.add(it.link)
        it.open(socket)
        handlers = server.onOpen(it.link)
      },
      data: (socket, bytes) => socket.data.data(bytes),
      drain: (socket) => socket.data.drain(),
      close: (socket) => socket.data.end(null),
      error: (socket, error) => socket.data.end(error.message),
    },
  })
  return {
    close() {
      listener.stop()
      for (const link of [...open]) link.close()
    },
  }
}

const toWords = (error: unknown) => (error instanceof Error ? error.message : String(error))
