/** @jsxImportSource hono/jsx */
import { describe, expect, test } from 'bun:test'
import { OnAir } from '../../../src/inputs/inputs.air.views.tsx'
import { differenceWords, readyWords, reasonWords, refusalWords } from '../../../src/inputs/inputs.air.words.ts'
import { InputForm } from '../../../src/inputs/inputs.form.views.tsx'
import type { InputResource } from '../../../src/inputs/inputs.schema.ts'
import { InputSlate } from '../../../src/inputs/inputs.slate.views.tsx'
import { StillParts } from '../../../src/inputs/inputs.still.views.tsx'
import { InputCard } from '../../../src/inputs/inputs.views.tsx'
import { anInput } from '../../support/page-fixtures.ts'

const words = (html: unknown) =>
  String(html)
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')

const lost: Partial<InputResource> = { status: 'inactive', on_air: 'slate', on_air_reason: 'lost' }
const ready = (ok: boolean, ...differs: NonNullable<InputResource['backup_ready']>['differs']) => ({ ok, differs })

describe('words', () => {
  test.each<[Partial<InputResource>, string | null]>([
    [{}, null],
    [{ pending: 'main', on_air: 'slate' }, 'The feed goes on air at its next keyframe.'],
    [lost, 'The feed is lost.'],
    [{ ...lost, status: 'active', return: 'manual' }, 'The feed is there again. Press Main.'],
    [{ ...lost, on_air_reason: 'manual' }, 'Chosen by hand, and the feed is not there.'],
    [
      { on_air: 'freeze', on_air_reason: 'manual', slate_ready: false },
      'The slate is being made. The last picture stands until then.',
    ],
    [{ on_air: 'none', on_air_reason: 'ended' }, 'The show has ended.'],
    [{ enabled: false, on_air: 'none', on_air_reason: 'ended' }, 'The input is stopped.'],
  ])('%j: %p', (change, expected) => {
    expect(reasonWords(anInput(change))).toBe(expected)
  })

  test.each<[Parameters<typeof refusalWords>[1], Partial<InputResource>, string | null]>([
    ['main', lost, 'The feed is not there.'],
    ['main', {}, null],
    ['backup', {}, 'No backup is chosen.'],
    ['backup', { backup_input_id: 4, backup_ready: ready(false) }, 'The backup sends nothing now.'],
    ['backup', { backup_input_id: 4, backup_ready: ready(true, 'size') }, null],
    [
      'backup',
      { backup_input_id: 4, backup_ready: ready(false, 'codec') },
      'The backup carries another picture codec.',
    ],
    ['backup', { ...lost, backup_input_id: 4, backup_ready: ready(false, 'codec') }, null],
    ['slate', { slate_ready: null }, null],
    ['slate', { slate_ready: false, on_air: 'none' }, 'The slate is being made.'],
    ['freeze', { on_air: 'none' }, 'There is no picture to hold yet.'],
    ['auto', { enabled: false }, 'The input is stopped.'],
  ])('%s of %j: %p', (to, change, expected) => {
    expect(refusalWords(anInput(change), to)).toBe(expected)
  })

  test('how the backup would do is told beforehand', () => {
    const of = (backup_ready: InputResource['backup_ready']) =>
      readyWords(anInput({ backup_input_id: 4, backup_ready }))
    expect(readyWords(anInput())).toBeNull()
    expect(of(ready(false))).toContain('could not take over')
    expect(of(ready(true))).toContain('is ready')
    expect(of(ready(true, 'size', 'fps'))).toContain('picture size and frame rate: outputs go on')
    expect(of(ready(false, 'audio'))).toContain('sound: outputs restart')
  })

  test('two feeds beside each other', () => {
    const { stats } = anInput()
    const video = stats.video && { ...stats.video, fps: 25, width: 1280 }
    expect(differenceWords(stats, stats)).toBe('')
    expect(differenceWords(stats, { video, audio: null })).toBe('picture size, frame rate and sound')
    expect(differenceWords(stats, { video: null, audio: null })).toBe('')
  })
})

describe('what is shown', () => {
  test('the lit button, the disabled one with its reason, and the one that is next', () => {
    const html = String(<OnAir input={anInput({ ...lost, slate_ready: true })} />)
    expect(html).toContain('id="input-3-air"')
    expect(words(html)).toContain('Viewers see the slate')
    expect(html).toMatch(/value="slate"[^>]*data-lit="now"/)
    expect(html).toMatch(/type="button"[^>]*value="main"[^>]*aria-disabled="true"/)
    expect(words(html)).toContain('Main: The feed is not there.')
    const next = String(<OnAir input={anInput({ on_air: 'slate', on_air_reason: 'manual', pending: 'main' })} />)
    expect(next).toMatch(/value="main"[^>]*data-lit="next"/)
    expect(words(next)).toContain('at its next keyframe')
  })

  test('card and still tell what viewers see, whatever the feed does', () => {
    const input = anInput(lost)
    const card = words(<InputCard input={input} outputs={[]} history={[]} stillAtMs={1} />)
    expect(card).toMatch(/Viewers see the slate for .*\. The feed is lost\./)
    const still = String(<StillParts input={input} stillAtMs={1} width={640} isCard={false} />)
    expect(still).not.toContain('is-stale')
    expect(still).toContain('as viewers see it now')
    expect(String(<StillParts input={anInput()} stillAtMs={1} width={640} isCard={false} />)).not.toContain('Viewers')
  })

  test('the slate with its picture, and without', () => {
    expect(String(<InputSlate input={anInput()} />)).not.toContain('<img')
    const html = String(<InputSlate input={anInput({ slate_url: '/api/inputs/3/slate?v=1' })} />)
    expect(html).toContain('src="/api/inputs/3/slate?v=1"')
    expect(html).toContain('enctype="multipart/form-data"')
    expect(html).toContain('hx-delete="/api/inputs/3/slate"')
  })

  test('the form offers who can be the backup and how each stands, but nobody who leads back', () => {
    const own = anInput({ on_loss: 'backup', backup_input_id: 5 })
    const others = [
      own,
      anInput({ id: 5, name: 'Alike' }),
      anInput({ id: 6, name: 'Silent', status: 'inactive' }),
      anInput({ id: 7, name: 'Served', backup_input_id: 3 }),
      anInput({ id: 8, name: 'Mute', stats: { ...own.stats, audio: null } }),
    ]
    const html = String(<InputForm input={own} others={others} />)
    const text = words(html)
    expect(html).toMatch(/<option value="5" selected/)
    expect(text).toContain('Alike: live, as this feed')
    expect(text).toContain('Silent: no feed now')
    expect(text).toContain('Mute: live, differs in sound')
    expect(text).not.toContain('Served:')
    expect(html).toMatch(/name="on_loss" value="backup"[^>]*checked/)
  })
})
