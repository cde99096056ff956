import { describe, expect, test } from 'bun:test'
import { AppError } from '../../src/errors.ts'
import type { EventResource } from '../../src/inputs/inputs.history.schema.ts'
import type { InputResource } from '../../src/inputs/inputs.schema.ts'
import { createApiApp } from '../support/api-app.ts'

const video = { codec: 'h264', profile: 'High', width: 1280, height: 720, fps: 25 }

describe('what stands in for a lost feed', () => {
  test('every field comes back, null takes the default, and all of it reaches the worker', async () => {
    await using app = await createApiApp()
    const backup = await app.input({ name: 'B' })
    const fields = { on_loss: 'backup', backup_input_id: backup.id, loss_ms: 500, return: 'manual' }
    const more = { return_after_ms: 3000, max_fill_minutes: 0 }
    const input = await app.input({ name: 'A', ...fields, ...more })
    expect(input).toMatchObject({ ...fields, ...more, slate_image_id: null, slate_url: null, pending: null })
    expect(app.media.wanted().at(-1)).toMatchObject({
      onLoss: 'backup',
      backupInputId: backup.id,
      lossMs: 500,
      returns: 'manual',
      returnAfterMs: 3000,
      maxFillMinutes: 0,
      slate: { file: null, text: 'A', before: false },
    })
    const cleared = {
      on_loss: null,
      backup_input_id: null,
      return: null,
      return_after_ms: null,
      max_fill_minutes: null,
    }
    expect(await app.ok<InputResource>('PATCH', `/api/inputs/${input.id}`, cleared)).toMatchObject({
      on_loss: 'freeze',
      backup_input_id: null,
      return: 'auto',
      return_after_ms: 1000,
      max_fill_minutes: 5,
    })
    expect(app.media.wanted().at(-1)).toMatchObject({ onLoss: 'freeze', slate: { text: 'A' } })
  })

  test('a backup is needed where one takes over: rules hold on the result', async () => {
    await using app = await createApiApp()
    const [backup, input] = [await app.input(), await app.input()]
    const path = `/api/inputs/${input.id}`
    expect(await app.problem('PATCH', path, { on_loss: 'backup' })).toMatchObject({
      status: 422,
      errors: [{ path: 'backup_input_id' }],
    })
    await app.ok('PATCH', path, { backup_input_id: backup.id })
    await app.ok('PATCH', path, { on_loss: 'backup' })
    expect(await app.problem('PATCH', path, { backup_input_id: null })).toMatchObject({ status: 422 })
    expect(await app.ok<InputResource>('PATCH', path, { name: 'Renamed' })).toMatchObject({ on_loss: 'backup' })
  })

  test('backups never lead in a circle, over any number of them', async () => {
    await using app = await createApiApp()
    const ids: number[] = []
    for (let i = 0; i < 4; i++) ids.push((await app.input({ backup_input_id: ids.at(-1) ?? null })).id)
    for (const to of ids) {
      const problem = await app.problem('PATCH', `/api/inputs/${ids[0]}`, { backup_input_id: to })
      expect(problem).toMatchObject({ status: 422, code: 'input.backup_loop', errors: [{ path: 'backup_input_id' }] })
    }
    await app.ok('PATCH', `/api/inputs/${ids[3]}`, { backup_input_id: ids[0] })
  })

  test('one of another codec is refused as long as both feeds are there', async () => {
    await using app = await createApiApp()
    const [a, b] = [await app.input(), await app.input()]
    app.media.input(a.id, { status: 'active', video })
    app.media.input(b.id, { status: 'active', video: { ...video, codec: 'hevc' } })
    const path = `/api/inputs/${a.id}`
    expect(await app.problem('PATCH', path, { backup_input_id: b.id })).toMatchObject({
      status: 409,
      code: 'input.backup_codec',
      errors: [{ path: 'backup_input_id', message: expect.stringContaining('HEVC') }],
    })
    app.media.input(b.id, { video: null })
    await app.ok('PATCH', path, { backup_input_id: b.id })
    app.media.input(b.id, { video: { ...video, codec: 'hevc' } })
    await app.ok('PATCH', path, { name: 'Renamed' })
  })

  test('who loses the backup by its deletion freezes from then on, and its history says so', async () => {
    await using app = await createApiApp()
    const backup = await app.input({ name: 'Reserve' })
    const input = await app.input({ on_loss: 'backup', backup_input_id: backup.id })
    const other = await app.input({ on_loss: 'slate', backup_input_id: backup.id })
    await app.ok('DELETE', `/api/inputs/${backup.id}`)
    const now = await app.ok<InputResource>('GET', `/api/inputs/${input.id}`)
    expect(now).toMatchObject({ on_loss: 'freeze', backup_input_id: null })
    expect(await app.ok<InputResource>('GET', `/api/inputs/${other.id}`)).toMatchObject({
      on_loss: 'slate',
      backup_input_id: null,
    })
    const { items } = await app.ok<{ items: EventResource[] }>('GET', `/api/inputs/${input.id}/events`)
    expect(items[0]).toMatchObject({ type: 'input.backup_gone', message: expect.stringContaining('Reserve') })
  })
})

describe('what is on air, by hand', () => {
  test('202 with what is on air and what will be, a line in the history by whom, and the event', async () => {
    await using app = await createApiApp()
    const { id } = await app.input()
    const path = `/api/inputs/${id}`
    app.media.input(id, { status: 'active', video, onAir: 'main' })
    const slate = await app.call('POST', `${path}/switch`, { to: 'slate' })
    expect([slate.status, slate.json]).toMatchObject([202, { on_air: 'slate', on_air_reason: 'manual', pending: null }])
    const main = await app.call('POST', `${path}/switch`, { to: 'main' })
    expect([main.status, main.json]).toMatchObject([202, { on_air: 'slate', pending: 'main' }])
    expect(await app.ok<InputResource>('GET', path)).toMatchObject({ on_air: 'slate', pending: 'main' })
    await app.ok('POST', `${path}/switch`, { to: 'auto' })
    await app.ok('POST', `${path}/switch`, { to: 'main', when: 'now' })
    expect(app.media.switches.map(({ to, when }) => [to, when])).toEqual([
      ['slate', 'keyframe'],
      ['main', 'keyframe'],
      ['auto', 'keyframe'],
      ['main', 'now'],
    ])
    const { items } = await app.ok<{ items: EventResource[] }>('GET', `${path}/events?type=input.switched`)
    expect(items.map(({ actor, message }) => [actor, message]).reverse()).toEqual([
      ['API key', 'The slate was put on air.'],
      ['API key', 'The feed was chosen for the air.'],
      ['API key', 'Weir chooses by itself again what is on air.'],
      ['API key', 'The feed was chosen for the air.'],
    ])
  })

  test.each([
    [{}, 'to'],
    [{ to: 'none' }, 'to'],
    [{ to: 'main', when: 'soon' }, 'when'],
    [{ to: 'main', at: 1 }, 'at'],
  ])('%j is 422', async (body, field) => {
    await using app = await createApiApp()
    const { id } = await app.input()
    const problem = await app.problem('POST', `/api/inputs/${id}/switch`, body)
    expect(problem).toMatchObject({ status: 422, errors: [{ path: field }] })
    expect(app.media.switches).toEqual([])
  })

  test('what cannot be is 409 in words, writes nothing into the history, and an unknown input is 404', async () => {
    await using app = await createApiApp()
    const { id } = await app.input()
    const refusal = { kind: 'conflict', code: 'input.no_backup', message: 'This input has no backup.' } as const
    app.media.refuseSwitch(new AppError(refusal))
    expect(await app.problem('POST', `/api/inputs/${id}/switch`, { to: 'backup' })).toMatchObject({
      status: 409,
      code: 'input.no_backup',
      detail: 'This input has no backup.',
    })
    const { items } = await app.ok<{ items: EventResource[] }>('GET', `/api/inputs/${id}/events?type=input.switched`)
    expect(items).toEqual([])
    expect(await app.problem('POST', '/api/inputs/99/switch', { to: 'main' })).toMatchObject({ status: 404 })
  })

  test('a healthy feed is not given up for a backup of another codec; a lost one is', async () => {
    await using app = await createApiApp()
    const backup = await app.input()
    const { id } = await app.input({ backup_input_id: backup.id })
    const backupReady = { ok: false, differs: ['codec' as const] }
    app.media.input(id, { status: 'active', video, onAir: 'main', backupReady })
    const path = `/api/inputs/${id}/switch`
    expect(await app.problem('POST', path, { to: 'backup' })).toMatchObject({ status: 409, code: 'input.backup_codec' })
    app.media.input(id, { status: 'inactive', onAir: 'freeze', onAirReason: 'lost' })
    expect((await app.call('POST', path, { to: 'backup', when: 'now' })).status).toBe(202)
  })

  test('a plain form does it too, and comes back to the page', async () => {
    await using app = await createApiApp()
    const { id } = await app.input()
    const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' }
    const answer = await app.fetch(`/api/inputs/${id}/switch`, { method: 'POST', headers, body: 'to=freeze' })
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `/inputs/${id}`])
    expect(app.media.switches).toEqual([{ inputId: id, to: 'freeze', when: 'keyframe' }])
  })

  test('how the backup stands, what is on air and the figures of it are in the resource', async () => {
    await using app = await createApiApp()
    const { id } = await app.input()
    app.media.input(id, {
      onAir: 'slate',
      onAirReason: 'lost',
      slateReady: true,
      backupReady: { ok: true, differs: ['fps'] },
    })
    expect(await app.ok<InputResource>('GET', `/api/inputs/${id}`)).toMatchObject({
      on_air: 'slate',
      on_air_reason: 'lost',
      slate_ready: true,
      backup_ready: { ok: true, differs: ['fps'] },
      stats: { switches: 0, filled_seconds: 0 },
    })
  })
})
