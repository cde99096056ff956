/** @jsxImportSource hono/jsx */
import type { JSX } from 'hono/jsx/jsx-runtime'

/**
 * The drawings, on a grid of 24, stroked in the colour of the text. Every state has an outline of its own, so that shape
 * alone tells them apart; `--icon-cut` is the ground that shows through a filled one.
 */
export const ICONS = {
  live: <path d="M2.5 12h4M10.3 7.2v9.6M14 12h7.5M14 9.4c2-1 1.5-4.4 4.3-4.4h3.2M14 14.6c2 1 1.5 4.4 4.3 4.4h3.2" />,
  system: (
    <>
      <rect x="3" y="4" width="18" height="7" rx="2" />
      <rect x="3" y="13.5" width="18" height="7" rx="2" />
      <path d="M7 7.5h.01M7 17h.01M11 7.5h6M11 17h6" />
    </>
  ),
  user: (
    <>
      <circle cx="12" cy="8" r="3.75" />
      <path d="M4.5 20.5c.6-4 3.3-6 7.5-6s6.9 2 7.5 6" />
    </>
  ),
  key: (
    <>
      <circle cx="7.5" cy="15.5" r="4" />
      <path d="M10.5 12.5 20 3M16 7l3 3M13.5 9.5l2 2" />
    </>
  ),
  'state-running': (
    <>
      <circle cx="12" cy="12" r="9" fill="currentColor" stroke="none" />
      <path d="m8 12.3 2.8 2.8L16 9.5" stroke="var(--icon-cut, Canvas)" stroke-width="2.25" />
    </>
  ),
  'state-live': (
    <>
      <circle cx="12" cy="12" r="4.5" fill="currentColor" stroke="none" />
      <path d="M6.3 17.7a8 8 0 0 1 0-11.4M17.7 6.3a8 8 0 0 1 0 11.4" stroke-width="2" />
    </>
  ),
  'state-starting': (
    <>
      <path d="M12 3.5a8.5 8.5 0 1 1-8.5 8.5" stroke-width="2.5" />
      <path d="M4.7 7.7a8.5 8.5 0 0 1 2.6-2.8" stroke-width="2.5" />
    </>
  ),
  'state-stopping': <rect x="5" y="5" width="14" height="14" rx="2.5" stroke-width="2.25" stroke-dasharray="4 3.2" />,
  'state-stopped': <rect x="5.5" y="5.5" width="13" height="13" rx="2.5" stroke-width="2.25" />,
  'state-waiting': (
    <path d="M7 3.5h10M7 20.5h10M8 3.5c0 5 8 5 8 8.5s-8 3.5-8 8.5M16 3.5c0 5-8 5-8 8.5s8 3.5 8 8.5" stroke-width="2" />
  ),
  'state-reconnecting': (
    <path d="M4 11a8 8 0 0 1 14-4.5L20.5 9M20.5 4v5h-5M20 13a8 8 0 0 1-14 4.5L3.5 15M3.5 20v-5h5" stroke-width="2.1" />
  ),
  'state-error': (
    <>
      <path d="M8.2 2.8h7.6l5.4 5.4v7.6l-5.4 5.4H8.2l-5.4-5.4V8.2z" fill="currentColor" stroke="none" />
      <path d="M12 7.5v5.3M12 16.3v.1" stroke="var(--icon-cut, Canvas)" stroke-width="2.4" />
    </>
  ),
  'state-warning': (
    <>
      <path d="M12 3.5 2.8 19.5h18.4z" fill="currentColor" stroke="currentColor" />
      <path d="M12 9.5v4.5M12 16.8v.1" stroke="var(--icon-cut, Canvas)" stroke-width="2.2" />
    </>
  ),
  info: (
    <>
      <circle cx="12" cy="12" r="9" />
      <path d="M12 11v5.5M12 7.6v.1" />
    </>
  ),
  lock: (
    <>
      <rect x="4.5" y="10.5" width="15" height="10" rx="2.5" />
      <path d="M8 10.5V7.5a4 4 0 0 1 8 0v3" />
    </>
  ),
  play: <path d="M7 4.5v15l12-7.5z" />,
  stop: <rect x="5.5" y="5.5" width="13" height="13" rx="2" />,
  restart: <path d="M20 12a8 8 0 1 1-2.6-5.9L20 8.5M20 3.5v5h-5" />,
  switch: <path d="M4 8h15M15.5 4.5 19 8l-3.5 3.5M20 16H5M8.5 12.5 5 16l3.5 3.5" />,
  plus: <path d="M12 5v14M5 12h14" />,
  edit: <path d="m4 20 .8-4L16.5 4.3a1.8 1.8 0 0 1 2.5 0l.7.7a1.8 1.8 0 0 1 0 2.5L8 19.2zM14 7l3 3" />,
  trash: <path d="M4 6.5h16M9.5 6.5V4h5v2.5M6 6.5l1 13.5h10l1-13.5M10 10.5v5.5M14 10.5v5.5" />,
  copy: (
    <>
      <rect x="8.5" y="8.5" width="12" height="12" rx="2" />
      <path d="M15.5 8.5V5.5a2 2 0 0 0-2-2h-8a2 2 0 0 0-2 2v8a2 2 0 0 0 2 2h3" />
    </>
  ),
  check: <path d="m4.5 12.5 5 5L19.5 7" />,
  close: <path d="m6 6 12 12M18 6 6 18" />,
  more: <path d="M5.5 12h.01M12 12h.01M18.5 12h.01" stroke-width="2.75" />,
  down: <path d="m6 9.5 6 6 6-6" />,
  right: <path d="m9.5 6 6 6-6 6" />,
  search: (
    <>
      <circle cx="10.5" cy="10.5" r="6.5" />
      <path d="m15.5 15.5 5 5" />
    </>
  ),
  log: (
    <>
      <rect x="3" y="4" width="18" height="16" rx="2.5" />
      <path d="m7 9 3 3-3 3M12.5 15H17" />
    </>
  ),
  eye: (
    <>
      <path d="M2.5 12C4.5 7.8 7.8 5.5 12 5.5s7.5 2.3 9.5 6.5c-2 4.2-5.3 6.5-9.5 6.5S4.5 16.2 2.5 12z" />
      <circle cx="12" cy="12" r="3" />
    </>
  ),
  link: (
    <path d="M10 14a4 4 0 0 0 5.7 0l3.3-3.3A4 4 0 0 0 13.3 5l-1.5 1.5M14 10a4 4 0 0 0-5.7 0L5 13.3a4 4 0 0 0 5.7 5.7l1.5-1.5" />
  ),
  bars: (
    <>
      <rect x="3" y="5" width="18" height="14" rx="2" />
      <path d="M7.5 5v9.5M12 5v9.5M16.5 5v9.5M3 14.5h18" />
    </>
  ),
  clock: (
    <>
      <circle cx="12" cy="12" r="9" />
      <path d="M12 7v5.3l3.5 2" />
    </>
  ),
  theme: (
    <>
      <circle cx="12" cy="12" r="8.5" />
      <path d="M12 3.5v17a8.5 8.5 0 0 0 0-17z" fill="currentColor" />
    </>
  ),
  streams: (
    <>
      <rect x="3" y="5" width="18" height="12" rx="2.5" />
      <path d="m10.5 8.7 4 2.3-4 2.3zM8 20.5h8" />
    </>
  ),
  pictures: (
    <>
      <rect x="3" y="4" width="18" height="16" rx="2.5" />
      <circle cx="8.5" cy="9.3" r="1.6" />
      <path d="m3.5 17.5 4.8-4.3 3.5 3 4.4-4.7 4.5 4.6" />
    </>
  ),
  users: (
    <>
      <circle cx="9" cy="8" r="3.5" />
      <path d="M2.5 20c.5-3.7 3-5.5 6.5-5.5s6 1.8 6.5 5.5M15.5 4.9a3.5 3.5 0 0 1 0 6.2M18 14.9c2 .8 3.2 2.5 3.5 5.1" />
    </>
  ),
  public: (
    <>
      <circle cx="12" cy="12" r="9" />
      <path d="M3 12h18M12 3c3 3 3.8 6 3.8 9S15 18 12 21c-3-3-3.8-6-3.8-9S9 6 12 3z" />
    </>
  ),
  private: (
    <>
      <rect x="4.5" y="10.5" width="15" height="10" rx="2.5" />
      <path d="M8 10.5V7.5a4 4 0 0 1 8 0v3" />
    </>
  ),
  subscribers: <path d="m12 3.5 2.6 5.4 5.9.8-4.3 4.1 1 5.9-5.2-2.8-5.2 2.8 1-5.9-4.3-4.1 5.9-.8z" />,
  left: <path d="m14.5 6-6 6 6 6" />,
  upload: <path d="M12 15.5V4M7.5 8.5 12 4l4.5 4.5M4 15.5v3a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-3" />,
  download: <path d="M12 4v11.5M7.5 11l4.5 4.5 4.5-4.5M4 15.5v3a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-3" />,
  camera: (
    <>
      <path d="M3.5 8.5a2 2 0 0 1 2-2h2.3L9.3 4h5.4l1.5 2.5h2.3a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-13a2 2 0 0 1-2-2z" />
      <circle cx="12" cy="12.8" r="3.5" />
    </>
  ),
  tag: <path d="M3.5 12.5v-9h9l8 8-9 9zM8 8h.01" />,
  folder: <path d="M3 7a2 2 0 0 1 2-2h4l2 2.5h8a2 2 0 0 1 2 2V17a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2z" />,
  'sign-out': <path d="M10 4H6a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h4M15 8l4 4-4 4M19 12H9.5" />,
} as const satisfies Record<string, JSX.Element>
