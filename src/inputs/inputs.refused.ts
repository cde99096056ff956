import type { Typed } from '../http/form.ts'
import type { FieldMessage } from '../ui/field.tsx'
import type { InputResource } from './inputs.schema.ts'

/**
 * What was typed into a refused form, fit to be shown again. A person may put a password into the address itself; that
 * part is not sent back, and the field says so. An address that stands there for all to see comes back as it is.
 */
export function refusedInput(
  typed: Typed,
  errors: readonly FieldMessage[],
  input: InputResource | null,
): { values: Typed; errors: readonly FieldMessage[] } {
  const url = typed['url'] ?? ''
  const shown = url === input?.url ? url : withoutSecrets(url)
  if (shown === url.trim()) return { values: typed, errors }
  const before = errors.find(({ path }) => path === 'url')?.message
  const message = [before, 'What may be secret in it was taken out: enter that again.'].filter(Boolean).join(' ')
  return {
    values: { ...typed, url: shown },
    errors: [...errors.filter(({ path }) => path !== 'url'), { path: 'url', message }],
  }
}

/** An address without user and password, and of SRT without its options; nothing of one in which a password has no clear end. */
export function withoutSecrets(url: string): string {
  const [, scheme = '', userinfo = '', rest = ''] =
    /^([a-z][a-z0-9+.-]*:\/\/)?([^/?#\s@]*@)?(.*)$/is.exec(url.trim()) ?? []
  const [authority = ''] = rest.split(/[/?#\s]/, 1)
  const isClear = !rest.includes('@') && !rest.includes('\\') && /^(\[[^\]]*\]|[^:]*)(:\d*)?$/.test(authority)
  if (!isClear) return ''
  // The query of RTSP and HLS belongs to the address, which all see who see the input.
  const keepsQuery = /^(rtsps?|https?):/i.test(scheme)
  const shown = keepsQuery ? rest : (rest.split(/[?#\s]/, 1)[0] ?? '')
  return userinfo === '' && shown === rest ? url.trim() : scheme + shown
}
