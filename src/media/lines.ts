/**
 * Cuts a stream of bytes into lines at LF or CR, whatever the borders of its chunks. A line is kept to `maxLength`
 * characters and the rest of it is thrown away, so that a child that never ends its line costs nothing. Empty lines
 * are left out.
 */
export function createLineSplitter(maxLength: number, onLine: (line: string) => void) {
  const decoder = new TextDecoder()
  let rest = ''

  function take(text: string) {
    const parts = text.split(/[\r\n]/)
    for (let index = 0; index < parts.length; index++) {
      const room = maxLength - rest.length
      if (room > 0) rest += (parts[index] ?? '').slice(0, room)
      const isLast = index === parts.length - 1
      if (isLast) return
      if (rest) onLine(rest)
      rest = ''
    }
  }

  return {
    push: (bytes: Uint8Array): void => take(decoder.decode(bytes, { stream: true })),
    /** Gives out what is left without an end of line. */
    end(): void {
      take(`${decoder.decode()}\n`)
    },
  }
}
