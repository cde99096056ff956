/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import { Icon } from './icon.tsx'

export type MenuProps = {
  /** `More for Twitch`: the tooltip and what listeners hear. */
  label: string
  /** In a row. */
  small?: boolean
  id?: string
  children?: Child
}

/**
 * Further acts behind one button: links, buttons, `<hr/>`. It is a `details`, so it opens without JavaScript; Escape and a
 * click elsewhere close it. An element that is replaced around an open menu does not close it.
 */
export function Menu({ label, small, id, children }: MenuProps) {
  return (
    <details class="menu" id={id}>
      <summary class={small ? 'btn btn-quiet btn-small btn-icon' : 'btn btn-icon'} title={label}>
        <Icon name="more" />
        <span class="sr-only">{label}</span>
      </summary>
      <div class="menu-list">{children}</div>
    </details>
  )
}
