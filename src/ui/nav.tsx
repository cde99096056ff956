/** @jsxImportSource hono/jsx */
import type { Right } from '../lib/access.ts'
import { Icon, type IconName } from './icon.tsx'
import { INPUT_STATES, type InputState } from './states.ts'

export type Place = 'live' | 'streams' | 'system' | 'people' | 'audit' | 'account'

/** An input in the side list. */
export type NavInput = { id: number; name: string; state: InputState; running: number; total: number }

export type NavProps = { place: Place | null; inputs: readonly NavInput[]; inputId?: number | undefined }

/** Where one may not go is not shown. */
const OTHER_PLACES: readonly { name: Place; href: string; icon: IconName; label: string; right: Right }[] = [
  { name: 'streams', href: '/streams', icon: 'streams', label: 'Streams', right: 'stream.see' },
  { name: 'system', href: '/system', icon: 'system', label: 'System', right: 'operate' },
  { name: 'people', href: '/users', icon: 'user', label: 'People', right: 'manage' },
  { name: 'audit', href: '/audit', icon: 'log', label: 'Audit', right: 'manage' },
]

/** The two lists of places. Each is replaced whole by the event stream when an input changes, so both carry an id. */
export function Nav({ place, inputs, inputId, rights }: NavProps & { rights: readonly Right[] }) {
  return (
    <>
      <MainNav place={place} count={inputs.length} rights={rights} />
      <SideInputs inputs={inputs} inputId={inputId} />
    </>
  )
}

function MainNav({ place, count, rights }: { place: Place | null; count: number; rights: readonly Right[] }) {
  const places = OTHER_PLACES.filter(({ right }) => rights.includes(right))
  return (
    <nav class="nav" aria-label="Main">
      <a href="/" aria-current={place === 'live' ? 'page' : undefined}>
        <Icon name="live" />
        Live
        <NavCount count={count} />
      </a>
      {places.map(({ name, href, icon, label }) => (
        <a href={href} aria-current={place === name ? 'page' : undefined}>
          <Icon name={icon} />
          {label}
        </a>
      ))}
    </nav>
  )
}

/** How many inputs there are; listeners hear of what. */
export function NavCount({ count }: { count: number }) {
  return (
    <span class="count" id="nav-count">
      {count > 0 ? count : ''}
      {count > 0 ? <span class="sr-only">{count === 1 ? ' input' : ' inputs'}</span> : null}
    </span>
  )
}

/** Every input with its state and how many of its outputs run. */
export function SideInputs({ inputs, inputId }: Pick<NavProps, 'inputs' | 'inputId'>) {
  return (
    <nav class="side-inputs" id="nav-inputs" aria-label="Inputs">
      <p class="side-title">
        <span>Inputs</span>
        <span title="outputs running, of all">outputs</span>
      </p>
      {inputs.map((input) => (
        <NavInputLink input={input} isCurrent={input.id === inputId} />
      ))}
    </nav>
  )
}

/** One line of the side list, which the event stream replaces by its id. */
export function NavInputLink({ input, isCurrent = false }: { input: NavInput; isCurrent?: boolean }) {
  const { word, icon } = INPUT_STATES[input.state]
  return (
    <a
      id={`nav-input-${input.id}`}
      href={`/inputs/${input.id}`}
      data-state={input.state}
      aria-current={isCurrent ? 'page' : undefined}
    >
      <Icon name={icon} />
      <span>
        {input.name}
        <span class="sr-only">, {word.toLowerCase()}, outputs running:</span>
      </span>
      <span class="figure">
        {input.running}/{input.total}
      </span>
    </a>
  )
}
