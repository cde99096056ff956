/** @jsxImportSource hono/jsx */
export type ProblemProps = {
  problem: { title: string; detail: string; request_id: string; errors?: { path: string; message: string }[] }
}

/** An error as a fragment: what went wrong, field by field, and the id to quote. */
export function ProblemNotice({ problem }: ProblemProps) {
  return (
    <div class="notice notice-error" role="alert">
      <strong>{problem.title}</strong>
      <p>{problem.detail}</p>
      {problem.errors && problem.errors.length > 0 && (
        <ul>
          {problem.errors.map((e) => (
            <li>
              <code>{e.path || 'body'}</code> {e.message}
            </li>
          ))}
        </ul>
      )}
      <small>Request {problem.request_id}</small>
    </div>
  )
}
