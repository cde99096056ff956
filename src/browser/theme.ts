import { on } from './dom.ts'

const THEMES = ['system', 'light', 'dark'] as const
const YEAR_SECONDS = 365 * 24 * 60 * 60

/** The theme button: system, light, dark, system. The server reads the cookie, so that the next page is right at once. */
export function startTheme(): void {
  on('click', '[data-do="theme"]', () => {
    const root = document.documentElement
    const now = THEMES.findIndex((theme) => theme === (root.dataset['theme'] ?? 'system'))
    const theme = THEMES[(now + 1) % THEMES.length] ?? 'system'
    if (theme === 'system') delete root.dataset['theme']
    else root.dataset['theme'] = theme
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser that we serve.
    document.cookie = `theme=${theme}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`
    for (const name of document.querySelectorAll('[data-theme-name]')) name.textContent = theme
  })
}
