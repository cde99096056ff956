/** @jsxImportSource hono/jsx */
import { expect, test } from 'bun:test'
import { ProblemPage } from '../../../src/ui/problem.tsx'

const problem = { title: 'Not found', detail: 'There is nothing at this address.', status: 404, request_id: 'r1' }

test.each([true, false])('a problem on a page of its own leads to where one may go; system: %p', (seesSystem) => {
  const html = String(<ProblemPage problem={problem} loginUrl={null} retryUrl="/nowhere" seesSystem={seesSystem} />)
  expect(html).toContain('href="/"')
  expect(html.includes('href="/system"')).toBe(seesSystem)
  expect(html).not.toContain('href="/nowhere"')
})

test('where signing in helps, that is the one way on', () => {
  const html = String(
    <ProblemPage problem={{ ...problem, status: 401 }} loginUrl="/login" retryUrl={null} seesSystem={false} />,
  )
  expect([...html.matchAll(/href="([^"#]+)"/g)].map(([, href]) => href)).toEqual(['/login'])
})
