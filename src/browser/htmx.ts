import htmx from 'htmx.org'

/** What an event of its stream extension says. */
export type StreamDetail = { connection: { attempt: number; cancelled: boolean }; status?: number }

declare global {
  interface DocumentEventMap {
    'htmx:sse:before:connection': CustomEvent<StreamDetail>
    'htmx:sse:after:connection': CustomEvent<StreamDetail>
    'htmx:sse:error': CustomEvent<StreamDetail>
    toast: CustomEvent<{ text: string; tone?: string; undo?: () => void }>
  }
}

// What people opened stays open when the element around it is replaced; where one is, the side list of all pages cannot say.
htmx.config.morphIgnore.push('open', 'aria-expanded', 'aria-pressed', 'aria-current', 'data-show')
Object.assign(htmx.config, { includeIndicatorCSS: false, sse: { reconnectDelay: 500, reconnectMaxDelay: 3000 } })

// The extensions look for a global of this name.
Object.assign(globalThis, { htmx })

export { htmx }
