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
