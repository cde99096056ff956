/**
 * Listens for an event on whatever matches, now and later: fragments come and go, the document stays. With `capture` it
 * hears of it before the element itself does.
 */
export function on<K extends keyof DocumentEventMap>(
  type: K,
  selector: string,
  act: (element: HTMLElement, event: DocumentEventMap[K]) => void,
  o: { capture?: boolean } = {},
): void {
  document.addEventListener(
    type,
    (event) => {
      const element = event.target instanceof Element ? event.target.closest<HTMLElement>(selector) : null
      if (element) act(element, event)
    },
    o,
  )
}

/** Calls back for each element that matches, those that are there and those that any fragment brings. */
export function whenAdded(selector: string, act: (element: HTMLElement) => void): void {
  for (const element of document.querySelectorAll<HTMLElement>(selector)) act(element)
  const observer = new MutationObserver((records) => {
    for (const { addedNodes } of records)
      for (const node of addedNodes) {
        if (!(node instanceof HTMLElement)) continue
        if (node.matches(selector)) act(node)
        for (const inner of node.querySelectorAll<HTMLElement>(selector)) act(inner)
      }
  })
  observer.observe(document.body, { childList: true, subtree: true })
}

/** True for what asks again and again by itself. */
export function isPoll(element: Element): boolean {
  return element.getAttribute('hx-trigger')?.includes('every') ?? false
}

/** An icon of the page's sprite. */
export function icon(name: string): SVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('class', 'icon')
  svg.setAttribute('aria-hidden', 'true')
  svg.append(document.createElementNS('http://www.w3.org/2000/svg', 'use'))
  showIcon(svg, name)
  return svg
}

/** Draws another icon in the place of the first one inside. */
export function showIcon(place: Element, name: string): void {
  place.querySelector('use')?.setAttribute('href', `#i-${name}`)
}
