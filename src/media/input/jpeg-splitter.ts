const MAX_JPEG_BYTES = 8 * 1024 * 1024

/**
 * Cuts a stream of JPEGs at their end marks (FF D9). The mark cannot stand inside: in entropy-coded data every FF is
 * followed by 00 or a restart mark (ITU-T T.81, B.1.1.5), and FFmpeg writes no thumbnails into its pictures.
 */
export function createJpegSplitter(onJpeg: (jpeg: Uint8Array) => void): (bytes: Uint8Array) => void {
  let parts: Uint8Array[] = []
  let sizeBytes = 0
  let endsWithFf = false

  function add(part: Uint8Array): void {
    parts.push(part)
    sizeBytes += part.byteLength
    if (sizeBytes <= MAX_JPEG_BYTES) return
    parts = []
    sizeBytes = 0
  }

  return (bytes) => {
    let from = 0
    let at = endsWithFf && bytes[0] === 0xd9 ? 0 : findEnd(bytes, 0)
    while (at >= 0) {
      add(bytes.subarray(from, at + 1))
      if (sizeBytes > 0) onJpeg(Buffer.concat(parts))
      parts = []
      sizeBytes = 0
      from = at + 1
      at = findEnd(bytes, from)
    }
    // Copied: what a pipe gives may be overwritten by what it gives next.
    if (from < bytes.byteLength) add(bytes.slice(from))
    endsWithFf = bytes.at(-1) === 0xff
  }
}

/** Index of the D9 of the next FF D9 from `from` on, -1 where there is none. */
function findEnd(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    if (bytes[at + 1] === 0xd9) return at + 1
  }
  return -1
}
