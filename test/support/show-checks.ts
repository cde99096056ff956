import { expect } from 'bun:test'
import { readFileSync } from 'node:fs'
import { fixture } from './fixtures.ts'
import { measureSync } from './flash-beep.ts'
import { checkMedia } from './media-check.ts'
import type { MediaStage } from './media-stage.ts'

/** What is looked at in recordings of a show whose feed died, came back, or was replaced. */

export const LOSS_MS = 1_000
/** Decoding all that was recorded takes longer than the show on a busy machine. */
export const SLOW_MS = 180_000
/** FFmpeg gathers up to half a second before it sends, and the machine may be busy. */
export const RECEIVER_MS = LOSS_MS + 1_000

/** What the measure says of the feed as it is sent. */
let usual: Promise<number> | null = null

/** Decodes all of it, and measures sound against picture: within 25 ms of what the encoder sent. */
export async function expectWhole(path: string, atLeastBeeps: number, cuts: number): Promise<void> {
  const media = await checkMedia(path)
  expect({ path, errors: media.decodeErrors }).toEqual({ path, errors: [] })
  const got = await measureSync(path)
  usual ??= fixture('small')
    .then(measureSync)
    .then((sent) => sent.toSorted()[sent.length >> 1] as number)
  const usualMs = await usual
  const apart = got.filter((ms) => ms !== null).map((ms) => ms - usualMs)
  expect(apart.length, path).toBeGreaterThanOrEqual(atLeastBeeps)
  // Beside a cut there may be a beep without its flash, or the other way round.
  expect(got.length - apart.length, path).toBeLessThanOrEqual(2 * cuts)
  for (const ms of apart) expect(Math.abs(ms), `${path} ${apart}`).toBeLessThanOrEqual(25)
}

/** How often an FLV begins a new picture configuration (Adobe Flash Video File Format 10.1, annex E.4.3). */
export function sequenceHeaders(path: string): number {
  const bytes = readFileSync(path)
  let found = 0
  for (let at = 13; at + 15 < bytes.length; ) {
    const size = bytes.readUIntBE(at + 1, 3)
    if (bytes[at] === 9 && ((bytes[at + 11] as number) & 0x0f) === 7 && bytes[at + 12] === 0) found++
    at += 11 + size + 4
  }
  return found
}

/** How often outputs were given another picture, the first included; one that stands still is the same. */
export function picturesOnAir(stage: MediaStage): number {
  const went = stage.events.flatMap((event) => (event.name === 'input.switched' ? [event.data.to] : []))
  const pictures = went.filter((to) => to !== 'none' && to !== 'freeze')
  return pictures.filter((to, n) => to !== pictures[n - 1]).length
}

/** When each sound of a recording is played, in seconds. */
export async function soundTimes(path: string): Promise<number[]> {
  const what = ['-select_streams', 'a:0', '-show_entries', 'packet=pts_time', '-of', 'csv=p=0']
  const child = Bun.spawn(['ffprobe', '-v', 'error', ...what, path], { stdout: 'pipe', stderr: 'ignore' })
  const text = await new Response(child.stdout).text()
  return text.split('\n').filter(Boolean).map(Number.parseFloat)
}

export const longestStep = (times: number[]) =>
  Math.max(...times.slice(1).map((time, i) => time - (times[i] as number)))
export const isOnAir = (what: string) => (input: { onAir: string }) => input.onAir === what
/** Goes on for so long with whatever is on air. */
export async function runOn(
  stage: MediaStage,
  packets: number,
  udp: { more(packets: number): Promise<void> },
): Promise<void> {
  await udp.more(packets)
  expect(stage.events.filter(({ name }) => name === 'output.exited')).toEqual([])
}
