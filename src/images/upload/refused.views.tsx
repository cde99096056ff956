/** @jsxImportSource hono/jsx */
import { BarePage, type PageFiles, type Theme } from '../../ui/layout.tsx'
import { LinkButton } from '../../ui/button.tsx'
import type { UploadItem } from '../images.schema.ts'
import { picturesWord } from '../images.words.ts'

export type UploadRefusedProps = { items: readonly UploadItem[]; back: string; theme: Theme; files: PageFiles }

/** What a plain form comes to where not every file was taken: which were not, and why. */
export function UploadRefused({ items, back, theme, files }: UploadRefusedProps) {
  const failed = items.filter(({ error }) => error !== undefined)
  const taken = items.length - failed.length
  const title = `${failed.length === 1 ? '1 file was' : `${failed.length} files were`} not taken`
  return (
    <BarePage {...files} title={title} theme={theme}>
      <div class="stack-2">
        <h1>{title}</h1>
        <ul>
          {failed.map(({ filename, error }) => (
            <li>
              <b>{filename}</b> {error?.message}
            </li>
          ))}
        </ul>
        {taken > 0 ? <p>{picturesWord(taken)} of the same form stand in the gallery.</p> : null}
      </div>
      <div class="actions">
        <LinkButton label="Back to the pictures" href={back} icon="pictures" kind="primary" />
      </div>
    </BarePage>
  )
}
