/** @jsxImportSource hono/jsx */
import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icon.tsx'
import type { InputResource } from './inputs.schema.ts'

/** What the slate shows, and a picture for it: `#input-3-slate`. */
export function InputSlate({ input }: { input: InputResource }) {
  const { id, slate_url: url } = input
  const path = `/api/inputs/${id}/slate`
  return (
    <div class="slate" id={`input-${id}-slate`}>
      <div class="still slate-face">
        {url ? (
          <img src={url} width="320" height="180" alt={`The slate of ${input.name}`} />
        ) : (
          <p class="still-word">{input.name}</p>
        )}
      </div>
      <div class="stack-2">
        <p class="note">
          {url
            ? 'The whole picture is shown in the size of the feed, with dark bars where it does not fit.'
            : 'Without a picture the slate is a dark card with the name of the input.'}
        </p>
        <form
          class="slate-form"
          method="post"
          enctype="multipart/form-data"
          action={path}
          hx-post={path}
          hx-encoding="multipart/form-data"
          hx-sync="drop"
          hx-swap="none"
        >
          <label for={`input-${id}-slate-file`}>{url ? 'Another picture' : 'Picture'}</label>
          <input
            class="input"
            type="file"
            name="file"
            id={`input-${id}-slate-file`}
            accept="image/jpeg,image/png,image/webp,image/gif,image/bmp"
            aria-describedby={`input-${id}-slate-hint`}
            required
          />
          <Button type="submit" label="Upload" icon="plus" />
          <p class="hint" id={`input-${id}-slate-hint`}>
            JPEG, PNG, WebP, GIF or BMP, at most 20 MB. Of one that moves, its first picture.
          </p>
        </form>
        {url && (
          <form class="needs-script" hx-delete={path} hx-swap="none">
            <Button type="submit" label="Remove the picture" icon="trash" kind="quiet" small />
          </form>
        )}
      </div>
    </div>
  )
}

/** The slate, closed at first: it is seldom changed. */
export function SlateBox({ input }: { input: InputResource }) {
  return (
    <details class="disclose slate-box">
      <summary>
        <Icon name="right" />
        Picture of the slate
      </summary>
      <InputSlate input={input} />
    </details>
  )
}
