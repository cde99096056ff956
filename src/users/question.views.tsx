/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import { Button, LinkButton } from '../ui/button.tsx'
import { PageHead } from '../ui/page-head.tsx'

export type QuestionProps = {
  title: string
  /** `Delete`. */
  act: string
  /** Where the form of the act is sent. */
  action: string
  /** The page that it is left for without an act. */
  back: string
  children?: Child
}

/** What a dialog asks, as a page: for browsers without JavaScript. */
export function QuestionPage({ title, act, action, back, children }: QuestionProps) {
  return (
    <>
      <PageHead title={title} />
      <form class="card card-pad stack" method="post" action={action}>
        {children}
        <div class="row">
          <LinkButton label="Keep it" kind="quiet" href={back} />
          <Button label={act} kind="danger-primary" type="submit" />
        </div>
      </form>
    </>
  )
}
