import { unlinkSync } from 'node:fs'

export type MediaSocket = { close(): void }

/**
 * The Unix socket an output's FFmpeg writes its transport stream to; a newer writer takes the place of an older one, which is
 * closed. What is written is always read at once: an output to callers is never held up by them.
 */
export function openMediaSocket(
  path: string,
  handlers: { started(): void; data(bytes: Uint8Array): void },
): MediaSocket {
  let writer: { end(): void } | null = null
  removeFile(path)
  const listener = Bun.listen({
    unix: path,
    socket: {
      open(socket) {
        writer?.end()
        writer = socket
        handlers.started()
      },
      data(socket, bytes) {
        if (socket === writer) handlers.data(bytes)
      },
      close(socket) {
        if (socket === writer) writer = null
      },
      // Its end follows as a close.
      error: () => undefined,
    },
  })
  return {
    close() {
      writer?.end()
      writer = null
      listener.stop(true)
      removeFile(path)
    },
  }
}

function removeFile(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
