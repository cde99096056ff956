import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { createManualClock } from '../../../../src/lib/clock.ts'
import { createDoorServer, type Link } from '../../../../src/media/doors/link.ts'
import type { FromDoor, Registration, ToDoor } from '../../../../src/media/doors/messages.ts'
import { keepRegistered } from '../../../../src/media/doors/registration.ts'
import { tempDir } from '../../../support/temp.ts'
import { eventually } from '../../../support/waiting.ts'

const register: Registration = {
  t: 'register_rtmp',
  inputId: 3,
  app: 'live',
  streamKey: 'abc',
  onSecondPublisher: 'refuse',
}
const LISTENING: FromDoor = { t: 'listening', receiveBufferBytes: null, mediaPath: null }

function open() {
  const clock = createManualClock()
  const path = join(tempDir('door'), 'rtmp.sock')
  const told: string[] = []
  const registrations: ToDoor[] = []
  const links = new Set<Link<FromDoor>>()
  const openDoor = () =>
    createDoorServer(path, {
      onOpen(link) {
        links.add(link)
        return {
          onControl(control) {
            registrations.push(control)
            link.send(LISTENING)
          },
          onMedia: () => null,
          onClose: () => void links.delete(link),
        }
      },
    })
  const kept = keepRegistered({
    path,
    clock,
    register,
    onControl: (control) => void told.push(control.t),
    onMedia: () => null,
    onLost: () => void told.push('lost'),
    onMissing: () => void told.push('missing'),
  })
  /** Time goes on until it is as wanted: each try to connect needs some of it, and some of the real one. */
  const until = (what: string, is: () => boolean) =>
    eventually(5_000, what, () => {
      clock.advance(250)
      return is()
    })
  return { clock, told, registrations, links, openDoor, kept, until }
}

describe('a registration', () => {
  test('waits for a door that opens later, and comes back to the next after one is gone', async () => {
    const it = open()
    const first = it.openDoor()
    await it.until('it is registered', () => it.told.length === 1)
    first.close()
    await it.until('it is lost', () => it.told.includes('lost'))
    const second = it.openDoor()
    await it.until('it is registered again', () => it.told.length === 3)
    expect(it.told).toEqual(['listening', 'lost', 'listening'])
    expect(it.registrations).toEqual([register, register])
    it.kept.close()
    second.close()
  })

  test('says once that no door is there, after 5 s', async () => {
    const it = open()
    await it.until('it is missed', () => it.told.length > 0)
    expect(it.clock.now()).toBeGreaterThanOrEqual(5_000)
    for (let i = 0; i < 40; i++) {
      it.clock.advance(250)
      await Bun.sleep(1)
    }
    expect(it.told).toEqual(['missing'])
    it.kept.close()
  })

  test('that is closed ends at the door too, and nothing is told any more', async () => {
    const it = open()
    const door = it.openDoor()
    await it.until('it is registered', () => it.told.length === 1)
    it.kept.close()
    await eventually(5_000, 'the door has seen it', () => it.links.size === 0)
    door.close()
    it.clock.advance(10_000)
    expect(it.told).toEqual(['listening'])
  })
})
