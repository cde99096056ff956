import { invalidField } from '../errors.ts'
import type { Typed } from '../http/form.ts'
import type { FieldMessage } from '../ui/field.tsx'
import { parseUrl } from './address.ts'
import { freeName } from './outputs.form.ts'
import type { OutputCreate, OutputResource } from './outputs.schema.ts'
import { findPreset, type Preset } from './presets.ts'

export type RefusedForm = { values: Typed; errors: readonly FieldMessage[] }

/**
 * What the page's form asks of a new output beyond the API: that the fields are those of the preset that was chosen, and
 * that a platform which takes nothing without a key gets one, apart or at the end of its address.
 * @throws AppError 422
 */
export function checkCreateForm(typed: Typed, body: OutputCreate): void {
  const preset = findPreset(typed['preset'])
  if (drawnPreset(typed)) throw invalidField('preset', changedWords(preset))
  if (!typed['preset'] || !preset.needsKey || body.stream_key) return
  if (!parseUrl(body.url ?? '', () => false).carried.streamKey)
    throw invalidField('stream_key', `Paste the stream key: ${preset.keyHint}`)
}

/** A refused form of a new output, as it is shown again: where another preset was chosen, with the fields of that one. */
export function refusedCreate(
  typed: Typed,
  errors: readonly FieldMessage[],
  takenNames: readonly string[],
): RefusedForm {
  const drawn = drawnPreset(typed)
  if (!drawn) return refusedForm(typed, errors, null)
  const preset = findPreset(typed['preset'])
  const values = { ...typed }
  // What the former preset filled in was not typed by anybody.
  if (values['name'] === freeName(drawn, takenNames)) values['name'] = freeName(preset, takenNames)
  const url = values['url'] ?? ''
  if (url === '' || drawn.servers.includes(url)) values['url'] = preset.servers[0] ?? ''
  return refusedForm(values, [{ path: 'preset', message: changedWords(preset) }], null)
}

/**
 * What was typed, fit to be shown again. A person may put a key or a password into the address itself; that part is not
 * sent back, and the field says so. An address that stands there for all to see comes back as it is.
 */
export function refusedForm(typed: Typed, errors: readonly FieldMessage[], output: OutputResource | null): RefusedForm {
  const url = typed['url'] ?? ''
  const shown = url === output?.url ? url : withoutSecrets(url)
  if (shown === url.trim()) return { values: typed, errors }
  const before = errors.find(({ path }) => path === 'url')?.message
  const message = [before, 'What may be secret in it was taken out: enter that again.'].filter(Boolean).join(' ')
  return {
    values: { ...typed, url: shown },
    errors: [...errors.filter(({ path }) => path !== 'url'), { path: 'url', message }],
  }
}

/** An address without user and password, without what follows a `?`, `#` or space, and without a last path part that may be a key. */
export function withoutSecrets(url: string): string {
  const [bare = ''] = url.trim().split(/[?#\s]/, 1)
  const [, scheme = '', authority = '', path = ''] = /^([a-z][a-z0-9+.-]*:\/\/)?([^/]*)(.*)$/i.exec(bare) ?? []
  // A password with a slash, a question mark or a backslash in it has no clear end: nothing of it is shown.
  const isUnclear =
    bare.includes('\\') || (authority.includes(':') && url.slice(scheme.length + authority.length).includes('@'))
  if (isUnclear) return ''
  const host = authority.slice(authority.lastIndexOf('@') + 1)
  const parts = path.split('/').filter((part) => part !== '')
  // An RTSP path has no key in it, and neither has the name of YouTube's second server.
  if (/^rtsps?:/i.test(scheme)) return `${scheme}${host}${path}`
  const backup = url.trim().endsWith('?backup=1') && parts.length === 1 ? '?backup=1' : ''
  return `${scheme}${host}${parts.length > 1 ? `/${parts.slice(0, -1).join('/')}` : path}${backup}`
}

/** The preset whose fields were shown, where another one was chosen without them being drawn anew; else null. */
function drawnPreset(typed: Typed): Preset | null {
  const { preset, fields_of: drawn } = typed
  return drawn && preset && drawn !== preset ? findPreset(drawn) : null
}

const changedWords = ({ name }: Preset) =>
  `These are now the fields of ${name}. Nothing was added yet: look at them, enter keys and passwords again, then add it.`
