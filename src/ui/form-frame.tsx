/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import { Button, LinkButton } from './button.tsx'

export type FormFrameProps = {
  id: string
  title: string
  note?: string
  /** Where a new thing is posted. */
  create: string
  /** Where a change of one that is there is sent; null for a new one. */
  edit: string | null
  /** Where cancelling leads on a page of its own. */
  back: string
  submit: string
  inSheet: boolean
  /** At the left of the foot. */
  foot?: Child
  children?: Child
}

/**
 * A form with head and foot, in a sheet or on a page of its own. In a sheet HTMX sends it: a refused one comes back in its
 * place, an accepted one closes the sheet. On its own page it is a plain form.
 */
export function FormFrame({ id, title, note, create, edit, back, submit, inSheet, foot, children }: FormFrameProps) {
  const sending = inSheet
    ? {
        ...(edit === null ? { 'hx-post': create } : { 'hx-patch': edit }),
        'hx-swap': 'none',
        'hx-status:422': `target:#${id} swap:outerMorph`,
        'hx-status:409': `target:#${id} swap:outerMorph`,
        'data-close-when-done': '',
      }
    : {}
  return (
    <form
      id={id}
      class={inSheet ? undefined : 'form-page'}
      method="post"
      action={edit ?? create}
      novalidate
      {...sending}
    >
      <div class="dialog-head">
        <div>
          {inSheet ? <h2>{title}</h2> : <h1>{title}</h1>}
          {note ? <p class="note">{note}</p> : null}
        </div>
        {inSheet ? <Button label="Close" icon="close" kind="quiet" iconOnly data-do="close" /> : null}
      </div>
      <div class="dialog-body">{children}</div>
      <div class="dialog-foot">
        {foot}
        <span class="push" />
        {inSheet ? (
          <Button label="Cancel" kind="quiet" data-do="close" />
        ) : (
          <LinkButton label="Cancel" kind="quiet" href={back} />
        )}
        <Button label={submit} kind="primary" type="submit" />
      </div>
    </form>
  )
}
