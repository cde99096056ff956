/**
 * What the text of a form field stands for. `text` and `number`: empty clears (null). `name`: as it is. `flag`: a
 * checkbox with a hidden field before it, since an unticked one sends nothing; the last of the two counts. `lines`: a
 * list, one a line. `secret`: empty keeps what is stored; `remove=<field>` clears it. `none`: for the page alone, never
 * part of the body. `off`: of a choice that was not made, as if it had not been sent.
 */
export type FormField = 'name' | 'text' | 'number' | 'flag' | 'lines' | 'secret' | 'none' | 'off'

/** Dotted field names, as they stand in the form, and what each stands for. */
export type FormFields = Record<string, FormField>

/** Where it depends on what was sent: which of its fields a form means. */
export type FormTable = FormFields | ((sent: Record<string, unknown>) => FormFields)

/** What was typed, by dotted field name: what a refused form shows again. */
export type Typed = Record<string, string>

type Plain = Record<string, unknown>

/** The body that a form's text means. Fields that the table does not know stay as they are, and are refused as unknown. */
export function toBody(fields: Plain, table: FormFields): Plain {
  const removed = new Set([fields['remove']].flat())
  const body: Plain = {}
  for (const [path, value] of leaves(fields, '')) {
    if (path === 'remove') continue
    const kind = table[path] ?? 'name'
    if (kind === 'none' || kind === 'off' || (kind === 'secret' && value === '')) continue
    put(body, path, meaning(kind, value))
  }
  for (const path of Object.keys(table)) if (table[path] === 'secret' && removed.has(path)) put(body, path, null)
  return body
}

/** The typed text of a form, without its secrets: those are never sent back. */
export function toTyped(fields: Plain, table: FormFields): Typed {
  const typed: Typed = {}
  for (const [path, value] of leaves(fields, '')) {
    if (table[path] === 'secret' || table[path] === 'off') continue
    typed[path] = Array.isArray(value) ? String(value.at(-1)) : value
  }
  return typed
}

function meaning(kind: FormField, value: string | string[]): unknown {
  if (kind === 'lines')
    return [value]
      .flat()
      .flatMap((text) => text.split(/[\s,]+/))
      .filter((text) => text !== '')
  if (kind === 'flag') {
    const last = [value].flat().at(-1)
    if (last === '') return null
    return last === 'true' || last === 'on' ? true : last === 'false' ? false : last
  }
  if (Array.isArray(value) || kind === 'name' || kind === 'secret') return value
  const text = value.trim()
  if (text === '') return null
  // What is no number stays text, so that the schema says so at the field.
  return kind === 'number' && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text
}

function* leaves(fields: Plain, prefix: string): Generator<[string, string | string[]]> {
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'string' || Array.isArray(value)) yield [prefix + name, value]
    else yield* leaves(value as Plain, `${prefix}${name}.`)
  }
}

function put(body: Plain, path: string, value: unknown): void {
  const parts = path.split('.')
  let place = body
  for (const part of parts.slice(0, -1)) {
    const inner = place[part]
    const next: Plain = typeof inner === 'object' && inner !== null ? (inner as Plain) : {}
    place[part] = next
    place = next
  }
  place[parts.at(-1) ?? ''] = value
}
