/** @jsxImportSource hono/jsx */
import { expect, test } from 'bun:test'
import { ProblemPage } from '../../../src/ui/problem.tsx'

const problem = { title: 'Not found', detail: 'There is nothing at this address.', status: 404, request_id: 'r1' }

test('a problem on a page of its own leads to both places of the navigation', () => {
  const html = String(<ProblemPage problem={problem} loginUrl={null} retryUrl="/nowhere" />)
  expect(html).toContain('href="/"')
  expect(html).toContain('href="/system"')
  expect(html).not.toContain('href="/nowhere"')
})

test('where signing in helps, that is the one way on', () => {
  const html = String(<ProblemPage problem={{ ...problem, status: 401 }} loginUrl="/login" retryUrl={null} />)
  expect([...html.matchAll(/href="([^"#]+)"/g)].map(([, href]) => href)).toEqual(['/login'])
})
