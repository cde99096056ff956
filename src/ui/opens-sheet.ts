/**
 * What makes a link open its page's form in a sheet above the present page; without JavaScript it leads to the page. A
 * fragment (`#f-url`) says which field is meant.
 */
export function opensSheet(href: string) {
  return { href, 'hx-get': href.split('#')[0], 'hx-target': 'body', 'hx-swap': 'beforeend' } as const
}
