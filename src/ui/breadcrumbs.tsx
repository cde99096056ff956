/** @jsxImportSource hono/jsx */
import { Icon } from './icon.tsx'

export type Crumb = { href: string; label: string }

/** The way back up; the last word is where one is. */
export function Breadcrumbs({ items, here }: { items: readonly Crumb[]; here: string }) {
  return (
    <nav class="crumbs" aria-label="You are here">
      {items.map(({ href, label }) => (
        <>
          <a href={href}>{label}</a>
          <Icon name="right" />
        </>
      ))}
      <span aria-current="page">{here}</span>
    </nav>
  )
}
