/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'

export type PageHeadProps = {
  title: string
  crumbs?: Child
  /** Beside the title: the state. */
  badge?: Child
  /** One sentence under it. */
  lede?: Child
  actions?: Child
}

/** The head of a page, with its one `h1`. */
export function PageHead({ title, crumbs, badge, lede, actions }: PageHeadProps) {
  return (
    <header class="page-head">
      <div class="page-title">
        {crumbs}
        <h1>
          {title}
          {badge ? <> {badge}</> : null}
        </h1>
        {lede}
      </div>
      {actions ? <div class="actions">{actions}</div> : null}
    </header>
  )
}

/** A section with its heading; `id` names the heading for listeners. */
export function Section({
  id,
  title,
  note,
  actions,
  children,
}: {
  id: string
  title: string
  note?: Child
  actions?: Child
  children?: Child
}) {
  return (
    <section class="section" aria-labelledby={id}>
      <div class="section-head">
        <h2 id={id}>{title}</h2>
        {note ? <span class="note">{note}</span> : null}
        {actions}
      </div>
      {children}
    </section>
  )
}
