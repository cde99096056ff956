/** @jsxImportSource hono/jsx */
import { ICONS } from './icon-shapes.tsx'

export type IconName = keyof typeof ICONS

export type IconProps = { name: IconName; class?: string }

/** A picture beside a word, or in a button that says its word to listeners. It never speaks itself. */
export function Icon({ name, class: extra }: IconProps) {
  return (
    <svg class={extra ? `icon ${extra}` : 'icon'} aria-hidden="true">
      <use href={`#i-${name}`} />
    </svg>
  )
}

/**
 * All drawings, once in each page. They stand inside the page and not in a file, so that a fragment from any place can
 * say `#i-play` without knowing an address that changes with each version.
 */
export function Sprite() {
  return (
    <svg hidden aria-hidden="true">
      {Object.entries(ICONS).map(([name, shape]) => (
        <symbol id={`i-${name}`} viewBox="0 0 24 24">
          {shape}
        </symbol>
      ))}
      <symbol id="brand-mark" viewBox="0 0 32 32">
        <g fill="none" stroke="currentColor" stroke-linecap="round">
          <path d="M3 16h6.5" stroke-width="5.5" />
          <path d="M14.3 9.3v13.4" stroke-width="2.75" />
          <path d="M19 16h9.8M19 12.2c2.6-1.4 2-5.7 6-5.7h3.8M19 19.8c2.6 1.4 2 5.7 6 5.7h3.8" stroke-width="2.75" />
        </g>
      </symbol>
      <symbol id="brand-word" viewBox="0 0 66 32">
        <g fill="none" stroke="currentColor" stroke-width="3.4" stroke-linecap="round" stroke-linejoin="round">
          <path d="M3 9.5 8 23l5.5-12L19 23l5-13.5" />
          <path d="M28.5 17.3h10.8c0-3.6-2.2-5.6-5.3-5.6-3.2 0-5.6 2.3-5.6 5.8 0 3.6 2.4 5.8 5.7 5.8 2 0 3.6-.7 4.7-2" />
          <path d="M46 12v11.2M46 7.3v.1" />
          <path d="M52.5 23.2V12M52.5 17.4c0-3.7 2.2-5.7 5.6-5.4" />
        </g>
      </symbol>
    </svg>
  )
}

/** The mark and the name, as a link to the first page. */
export function Brand({ href = '/' }: { href?: string }) {
  return (
    <a class="brand" href={href}>
      <span class="sr-only">Weir, to the dashboard</span>
      <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
        <use href="#brand-mark" />
      </svg>
      <svg viewBox="0 0 66 32" aria-hidden="true">
        <use href="#brand-word" />
      </svg>
    </a>
  )
}
