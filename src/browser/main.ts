/**
 * Everything that runs in the browser, in one file. It begins after the first paint: what there is to see comes from the
 * server, and 50 ms of script before it would only be waited for. A page that nobody looks at is never painted.
 */
const begin = () => void import('./page.ts')

if (document.hidden) begin()
else requestAnimationFrame(() => setTimeout(begin))
