/** @jsxImportSource hono/jsx */
import { Button, type ButtonLook } from './button.tsx'
import { Icon, type IconName } from './icon.tsx'

export type ActProps = ButtonLook & {
  /** Where it posts to: `/api/inputs/3/start`. */
  action: string
  label: string
  icon: IconName
  /** A line in a menu, not a button. */
  item?: boolean
  /** Where one act takes another's place, both have the same, so that the focus stays where it was. */
  id?: string
}

/**
 * One act as a form of its own: HTMX sends it in place, and without JavaScript it is a plain POST that comes back. The
 * event stream alone tells what became of it: an answer that came late would put an older state over a newer one.
 */
export function Act({ action, item, label, icon, ...look }: ActProps) {
  return (
    <form class="act" method="post" action={action} hx-post={action} hx-sync="drop" hx-swap="none">
      {item ? (
        <button type="submit">
          <Icon name={icon} />
          {label}
        </button>
      ) : (
        <Button type="submit" label={label} icon={icon} {...look} />
      )}
    </form>
  )
}
