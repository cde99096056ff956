/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import { Button } from './button.tsx'

export type SheetProps = {
  id: string
  title: string
  /** Opened by the browser as soon as it arrives. */
  open?: boolean
  children?: Child
}

/**
 * A dialog whose whole inside is one form that HTMX loads or replaces: title, fields and foot stand in the form. A button
 * with `data-open="<id>"` opens it, Escape and the cross close it, and the focus returns to where it came from.
 */
export function Sheet({ id, title, open, children }: SheetProps) {
  return (
    <dialog class="dialog sheet" id={id} aria-label={title} data-start-open={open ? '' : undefined}>
      {children}
    </dialog>
  )
}

export type ConfirmProps = {
  id: string
  /** Names the thing: `Delete the output “Twitch”?` */
  title: string
  /** What else happens: how many go dark. */
  children?: Child
  /** `Keep it`; it holds the focus. */
  keep?: string
  /** `Delete output`. */
  act: string
  /** Where the act is sent. Without JavaScript the question is a page with this form. */
  form: Record<string, unknown>
}

/** Asks before something that cannot be undone. The safe button holds the focus. */
export function Confirm({ id, title, children, keep = 'Keep it', act, form }: ConfirmProps) {
  return (
    <dialog class="dialog" id={id} aria-labelledby={`${id}-title`} aria-describedby={`${id}-text`}>
      <form method="post" hx-swap="none" data-close-when-done="" {...form}>
        <div class="dialog-head">
          <div>
            <h2 id={`${id}-title`}>{title}</h2>
          </div>
        </div>
        <div class="dialog-body" id={`${id}-text`}>
          {children}
        </div>
        <div class="dialog-foot">
          <Button label={keep} kind="quiet" data-do="close" autofocus />
          <Button label={act} kind="danger-primary" type="submit" />
        </div>
      </form>
    </dialog>
  )
}
