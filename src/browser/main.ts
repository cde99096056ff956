/**
 * Everything that runs in the browser, in one file. It begins when the first paint stands on the screen: what there is to see comes from
 * the server, and 50 ms of script before that would only be waited for. Whoever acts sooner does not wait for it, and a page that
 * nobody looks at is never painted.
 */
const begin = () => void import('./page.ts')

/** How long after its first frame a page waits at most: some browsers keep to themselves when they painted. */
const MAX_WAIT_MS = 1000
const ACTS = ['pointerdown', 'keydown', 'change', 'submit']

if (document.hidden) begin()
else {
  const once = { once: true, capture: true }
  for (const act of ACTS) addEventListener(act, begin, once)
  addEventListener('visibilitychange', begin, once)
  const observer = new PerformanceObserver((seen) => {
    if (seen.getEntriesByName('first-contentful-paint').length > 0) begin()
  })
  observer.observe({ type: 'paint', buffered: true })
  requestAnimationFrame(() => setTimeout(begin, MAX_WAIT_MS))
}
