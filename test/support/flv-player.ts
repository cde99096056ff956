import { join } from 'node:path'
import { sharedBrowser } from './browser.ts'

export type Played = {
  /** Seconds, where the picture stood at the end, and how much there was. */
  at: number
  seconds: number
  /** Pictures decoded, and those of them that were broken. */
  frames: number
  corrupted: number
  /** Sizes of the picture, in order. */
  sizes: string[]
  /** Pauses because nothing was there to play, holes in what could be played, and what went wrong. */
  stalls: number
  holes: number
  errors: string[]
}

const SCRIPT = join(import.meta.dir, '../../node_modules/mpegts.js/dist/mpegts.js')
const PLAYER = join(import.meta.dir, '../fixtures/flv-player.js')
const PAGE =
  '<!doctype html><title>player</title><video muted></video><script src="mpegts.js"></script><script src="player.js"></script>'

/** Plays an FLV file from beginning to end in Chromium, as a page with mpegts.js does, at `speed`. */
export async function playInBrowser(flv: string, speed: number): Promise<Played> {
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch(request) {
      const { pathname } = new URL(request.url)
      if (pathname === '/mpegts.js') return new Response(Bun.file(SCRIPT))
      if (pathname === '/player.js') return new Response(Bun.file(PLAYER))
      if (pathname === '/show.flv') return new Response(Bun.file(flv))
      return new Response(PAGE, { headers: { 'content-type': 'text/html' } })
    },
  })
  const context = await (await sharedBrowser()).newContext()
  try {
    const page = await context.newPage()
    await page.goto(server.url.href)
    return await page.evaluate<Played>(`play(${speed})`)
  } finally {
    await context.close()
    await server.stop(true)
  }
}
