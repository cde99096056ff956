import { type Clock, systemClock } from '../../lib/clock.ts'
import { createDoorServer, type Link } from '../doors/link.ts'
import type { FromDoor, ToDoor } from '../doors/messages.ts'
import { createInputDoor, type Door } from './input-door.ts'
import { openLibsrt } from './libsrt.ts'
import { createOutputDoor } from './output-door.ts'
import { toSrtSocketPath } from './socket-path.ts'
import { createSrtSockets, type SrtSockets } from './sockets.ts'

/** How often libsrt is asked what is ready: links at this pace, ports alone at the slower one. */
const LINKS_MS = 10
const PORTS_MS = 50
const NO_LIBRARY =
  'SRT needs the library libsrt 1.5 on this machine. Install it (Debian: libsrt1.5-gnutls or libsrt1.5-openssl).'

/**
 * The SRT door: a process of its own, because libsrt reads what strangers send. Reads `{ runDir, libraries? }` as one line of
 * JSON from its stdin, and leaves when that ends. `libraries`: other names of the library, for tests.
 */
export async function runSrtDoor(input: ReadableStream<Uint8Array>): Promise<void> {
  const lines = readLines(input)
  const first = await lines.next()
  if (first.done) return
  const { runDir, libraries } = JSON.parse(first.value) as { runDir: string; libraries?: string[] }
  const openSockets = () => {
    const library = openLibsrt(libraries)
    return library && createSrtSockets(library)
  }
  const close = openSrtDoor({ runDir, openSockets, clock: systemClock })
  while (!(await lines.next()).done);
  close()
}

/**
 * Serves registrations; the answer ends them all. While there is no library each is told that it cannot be; with the next
 * one it is looked for again.
 */
export function openSrtDoor(deps: { runDir: string; openSockets(): SrtSockets | null; clock: Clock }): () => void {
  const { runDir, clock } = deps
  const doors = new Set<Door>()
  let sockets: SrtSockets | null = null

  function open(worker: Link<FromDoor>, control: ToDoor): Door | null {
    if (control.t !== 'register_srt_in' && control.t !== 'register_srt_out') {
      throw new Error('a registration must come first')
    }
    sockets ??= deps.openSockets()
    if (!sockets) {
      worker.send({ t: 'unavailable', words: NO_LIBRARY })
      return null
    }
    const door =
      control.t === 'register_srt_in'
        ? createInputDoor({ wanted: control, sockets, clock, worker })
        : createOutputDoor({ wanted: control, sockets, clock, worker, runDir })
    doors.add(door)
    return door
  }

  const server = createDoorServer(toSrtSocketPath(runDir), {
    onOpen(worker) {
      let door: Door | null = null
      let registered = false
      return {
        onControl(control) {
          if (registered) return door?.heard(control)
          registered = true
          door = open(worker, control)
        },
        onMedia: () => null,
        onClose() {
          if (!door) return
          doors.delete(door)
          door.close()
        },
      }
    },
  })

  function poll(): void {
    sockets?.poll()
    for (const door of doors) door.tick()
    cancelPoll = clock.after(sockets && sockets.links > 0 ? LINKS_MS : PORTS_MS, poll)
  }
  let cancelPoll = clock.after(PORTS_MS, poll)
  const stopSeconds = clock.every(1_000, () => {
    for (const door of doors) door.second()
  })

  return () => {
    cancelPoll()
    stopSeconds()
    server.close()
  }
}

async function* readLines(input: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = ''
  const decoder = new TextDecoder()
  for await (const chunk of input) {
    rest += decoder.decode(chunk, { stream: true })
    const parts = rest.split('\n')
    rest = parts.pop() ?? ''
    yield* parts
  }
}
