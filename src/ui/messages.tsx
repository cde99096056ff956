/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import { Icon, type IconName } from './icon.tsx'
import { TONE_ICONS, type Tone } from './states.ts'

export type ProblemProps = {
  /** What happened. */
  title: string
  tone?: Tone
  /** The number under which the log has the rest. */
  requestId?: string | undefined
  id?: string
  /** Why, and what to do. */
  children?: Child
  actions?: Child
}

/** A message that stays until its cause is gone: what happened, why, what to do. */
export function Problem({ title, tone = 'bad', requestId, id, children, actions }: ProblemProps) {
  return (
    <div class="problem" id={id} data-tone={tone} role={tone === 'bad' ? 'alert' : undefined}>
      <Icon name={TONE_ICONS[tone]} />
      <div>
        <strong>{title}</strong>
        {children}
        {requestId ? <span class="request"> request {requestId}</span> : null}
      </div>
      {actions ? <div class="actions">{actions}</div> : null}
    </div>
  )
}

export type EmptyProps = { icon: IconName; title: string; level?: 2 | 3; children?: Child; actions?: Child }

/** An empty place says what to do. */
export function Empty({ icon, title, level = 3, children, actions }: EmptyProps) {
  return (
    <div class="card empty">
      <Icon name={icon} />
      {level === 2 ? <h2>{title}</h2> : <h3>{title}</h3>}
      <p>{children}</p>
      {actions ? <div class="actions">{actions}</div> : null}
    </div>
  )
}

export type AttentionItem = { about: string; text: Child; action?: Child }

/** What needs somebody now, each with the act that mends it. With nothing to say it keeps its place, unseen. */
export function Attention({
  title,
  tone = 'bad',
  items,
}: {
  title: string
  tone?: Tone
  items: readonly AttentionItem[]
}) {
  if (items.length === 0) return <section id="attention" hidden />
  return (
    <section class="card attention" id="attention" data-tone={tone} aria-labelledby="attention-title">
      <h2 id="attention-title">
        <Icon name={TONE_ICONS[tone]} />
        {title}
      </h2>
      <ul>
        {items.map(({ about, text, action }) => (
          <li>
            <p>
              <b>{about}</b> {text}
            </p>
            {action}
          </li>
        ))}
      </ul>
    </section>
  )
}
