/** @jsxImportSource hono/jsx */

/** How far each channel ends from the one in the middle, in steps; those that go straight are the strongest. */
const CHANNELS = [-6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6]
const MIDDLE_Y = 330

/** One river, many channels: the other half of the door on a wide screen. */
export function Delta({ host }: { host: string }) {
  return (
    <aside class="entry-art" aria-label="About Weir">
      <svg class="delta" viewBox="0 0 760 900" preserveAspectRatio="xMidYMid slice" aria-hidden="true">
        {CHANNELS.map((n) => {
          const from = (MIDDLE_Y + n * 3.4).toFixed(1)
          const to = MIDDLE_Y + n * 52
          const strength = 1 - Math.abs(n) / 6
          return (
            <path
              d={`M-20 ${from}H262C440 ${from} 470 ${to} 800 ${to}`}
              stroke-width={(1.84 + strength * 1.56).toFixed(2)}
              opacity={(0.29 + strength * 0.66).toFixed(2)}
            />
          )
        })}
        <path d="M262 262V398" stroke-width="9" />
      </svg>
      <p>
        <b>One feed in. Every channel kept alive.</b>
        {host}
      </p>
    </aside>
  )
}
