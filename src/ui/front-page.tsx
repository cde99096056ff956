/** @jsxImportSource hono/jsx */
export type FrontPageProps = { url: string; version: string }

/** What a stranger with a browser sees: that Weir runs, and how to talk to it. */
export function FrontPage({ url, version }: FrontPageProps) {
  const curl = `curl -H "Authorization: Bearer $KEY" ${url}/api/inputs`
  const create = `curl -H "Authorization: Bearer $KEY" ${url}/api/inputs \\\n  --json '{"name": "Studio"}'`
  return (
    <>
      <header>
        <h1>Weir is running</h1>
        <p class="lead">One live feed in, many destinations out. Version {version}.</p>
      </header>
      <section class="card">
        <h2>The key</h2>
        <p>
          Every call needs the API key. Weir printed it at its first start and keeps it in the file <code>api-key</code>{' '}
          of its data directory, unless the variable <code>API_KEY</code> gives one.
        </p>
        <pre class="code">{curl}</pre>
      </section>
      <section class="card">
        <h2>A first input</h2>
        <p>The answer says where to send your feed, and with which line.</p>
        <pre class="code">{create}</pre>
      </section>
      <section class="card">
        <h2>More</h2>
        <ul class="links">
          <li>
            <a href="/api/health">Health</a>
          </li>
          <li>
            <code>/api/openapi.json</code> describes every call (with the key)
          </li>
        </ul>
      </section>
    </>
  )
}
