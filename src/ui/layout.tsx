/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'

export type LayoutProps = { title: string; cssUrl: string; iconUrl: string; children?: Child }

/** The shell of every page. */
export function Layout({ title, cssUrl, iconUrl, children }: LayoutProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{title}</title>
        <link rel="icon" type="image/svg+xml" href={iconUrl} />
        <link rel="stylesheet" href={cssUrl} />
      </head>
      <body>
        <main class="page">{children}</main>
      </body>
    </html>
  )
}
