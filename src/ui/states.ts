import type { IconName } from './icon.tsx'

export type OutputState = 'running' | 'starting' | 'waiting' | 'reconnecting' | 'error' | 'stopping' | 'stopped'
export type InputState = 'active' | 'starting' | 'inactive' | 'reconnecting' | 'error' | 'stopping' | 'stopped'

/** Colour of a message or a mark that is no state. */
export type Tone = 'ok' | 'busy' | 'warn' | 'bad' | 'idle'

type Look = { word: string; icon: IconName }

/** How the state of an output is said and drawn. The tone follows from `data-state` in the style. */
export const OUTPUT_STATES: Record<OutputState, Look> = {
  running: { word: 'Running', icon: 'state-running' },
  starting: { word: 'Starting', icon: 'state-starting' },
  waiting: { word: 'Waiting', icon: 'state-waiting' },
  reconnecting: { word: 'Reconnecting', icon: 'state-reconnecting' },
  error: { word: 'Failed', icon: 'state-error' },
  stopping: { word: 'Stopping', icon: 'state-stopping' },
  stopped: { word: 'Stopped', icon: 'state-stopped' },
}

/** The same of an input. */
export const INPUT_STATES: Record<InputState, Look> = {
  active: { word: 'Live', icon: 'state-live' },
  starting: { word: 'Starting', icon: 'state-starting' },
  inactive: { word: 'No feed', icon: 'state-waiting' },
  reconnecting: { word: 'Cannot connect', icon: 'state-reconnecting' },
  error: { word: 'Failed', icon: 'state-error' },
  stopping: { word: 'Stopping', icon: 'state-stopping' },
  stopped: { word: 'Off', icon: 'state-stopped' },
}

/** The icon of a message in this tone. */
export const TONE_ICONS: Record<Tone, IconName> = {
  ok: 'state-running',
  busy: 'info',
  warn: 'state-warning',
  bad: 'state-error',
  idle: 'info',
}
