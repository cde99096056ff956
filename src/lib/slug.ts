/** A name for addresses: small letters and digits of any accent, hyphens between; `fallback` where nothing is left. */
export function toSlug(name: string, fallback: string): string {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}+/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
    .replace(/^-+|-+$/g, '')
  return slug || fallback
}

/** `slug`, or `slug-2`, `slug-3`, ... */
export function toFreeSlug(slug: string, isTaken: (slug: string) => boolean): string {
  if (!isTaken(slug)) return slug
  let n = 2
  while (isTaken(`${slug}-${n}`)) n++
  return `${slug}-${n}`
}
