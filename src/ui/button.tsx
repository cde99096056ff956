/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import { Icon, type IconName } from './icon.tsx'

export type ButtonLook = {
  /** One `primary` on a page; `danger` for what takes something away. */
  kind?: 'primary' | 'quiet' | 'danger' | 'danger-primary' | undefined
  small?: boolean | undefined
  icon?: IconName | undefined
  /** The icon alone is shown; the label is the tooltip and what listeners hear. */
  iconOnly?: boolean | undefined
}

/** `hx-*`, `data-*`, `aria-*` and the rest go to the element as they are. */
type Attributes = Record<string, unknown>

export type ButtonProps = ButtonLook & { label: Child; type?: 'button' | 'submit'; busy?: boolean } & Attributes

const KINDS = {
  primary: 'btn-primary',
  quiet: 'btn-quiet',
  danger: 'btn-danger',
  'danger-primary': 'btn-danger btn-primary',
} as const

/** The class of a button, for a `summary` or whatever else looks like one. */
export function buttonClass({ kind, small, iconOnly }: ButtonLook): string {
  return ['btn', kind && KINDS[kind], small && 'btn-small', iconOnly && 'btn-icon'].filter(Boolean).join(' ')
}

function Face({ label, icon, iconOnly, busy }: ButtonLook & { label: Child; busy?: boolean }) {
  return (
    <>
      {busy ? <Icon name="state-starting" class="icon-spin" /> : icon ? <Icon name={icon} /> : null}
      {iconOnly ? <span class="sr-only">{label}</span> : label}
    </>
  )
}

/** A button that a script or HTMX answers, or the end of a form (`type="submit"`). */
export function Button({ label, type = 'button', kind, small, icon, iconOnly, busy, ...rest }: ButtonProps) {
  return (
    <button
      type={type}
      class={buttonClass({ kind, small, iconOnly })}
      title={iconOnly && typeof label === 'string' ? label : undefined}
      aria-busy={busy ? 'true' : undefined}
      {...rest}
    >
      <Face {...{ label, icon, iconOnly, busy: busy ?? false }} />
    </button>
  )
}

export type LinkButtonProps = ButtonLook & { label: Child; href: string } & Attributes

/** A link that looks like a button: it leads somewhere and changes nothing. */
export function LinkButton({ label, href, kind, small, icon, iconOnly, ...rest }: LinkButtonProps) {
  return (
    <a
      class={buttonClass({ kind, small, iconOnly })}
      href={href}
      title={iconOnly && typeof label === 'string' ? label : undefined}
      {...rest}
    >
      <Face {...{ label, icon, iconOnly }} />
    </a>
  )
}
