/** @jsxImportSource hono/jsx */
import { Button } from './button.tsx'

/**
 * A value to be carried elsewhere, with its button. Words that belong together (`-i file`) do not part at the end of a
 * line; what is copied is the plain text.
 */
export function Copy({ text, label = 'Copy', id }: { text: string; label?: string; id?: string }) {
  return (
    <div class="copy" id={id}>
      <code>
        {toUnits(text)
          .map((unit) => (unit.includes(' ') ? <span class="nowrap">{unit}</span> : unit))
          .flatMap((unit, i) => (i === 0 ? [unit] : [' ', unit]))}
      </code>
      <Button label={label} icon="copy" kind="quiet" small iconOnly data-do="copy" />
    </div>
  )
}

/** A secret to be carried elsewhere: closed until somebody asks for it, and copied without being shown. `name` is said to listeners. */
export function SecretCopy({ text, name }: { text: string; name: string }) {
  return (
    <div class="copy">
      <details>
        <summary>
          <span class="when-closed">Show</span>
          <span class="when-open">Hide</span>
          <span class="sr-only"> {name}</span>
        </summary>
        <code>{text}</code>
      </details>
      <Button label={`Copy: ${name}`} icon="copy" kind="quiet" small iconOnly data-do="copy" />
    </div>
  )
}

/** A value under its name. */
export function CopyField({ label, text }: { label: string; text: string }) {
  return (
    <div>
      <p class="copy-label">{label}</p>
      <Copy text={text} label={`Copy: ${label}`} />
    </div>
  )
}

/** An option and the short value behind it are one unit; everything else stands alone. */
function toUnits(text: string): string[] {
  const units: string[] = []
  for (const word of text.split(' ')) {
    const before = units.at(-1)
    const joins = before !== undefined && /^-[\w:]+$/.test(before) && !word.startsWith('-') && word.length <= 24
    if (joins) units[units.length - 1] = `${before} ${word}`
    else units.push(word)
  }
  return units
}
