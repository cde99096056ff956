/** @jsxImportSource hono/jsx */
import { Button } from '../ui/button.tsx'
import { Segmented } from '../ui/choices.tsx'
import { Icon } from '../ui/icon.tsx'
import { VISIBILITIES } from './images.words.ts'
import type { GalleryStream } from './picture.ts'

export type UploadBoxProps = { stream: GalleryStream; maxSizeMb: number; mostPictures: number; isFull: boolean }

/** Where pictures come in: dropped, chosen or pasted; a plain form where no script runs. */
export function UploadBox({ stream, maxSizeMb, mostPictures, isFull }: UploadBoxProps) {
  return (
    <>
      <section aria-labelledby="upload-title">
        <h2 class="sr-only" id="upload-title">
          Upload
        </h2>
        <form
          class="stack-2"
          id="upload-form"
          method="post"
          action={`/api/streams/${stream.key}/images`}
          enctype="multipart/form-data"
          data-max-bytes={maxSizeMb * 1024 * 1024}
        >
          {/* Before the files: what is sent first counts for all that follow. */}
          <fieldset class="field">
            <legend>Who may see what you upload</legend>
            <Segmented
              name="visibility"
              legend="Who may see what you upload"
              value={stream.default_visibility}
              choices={VISIBILITIES.map(({ value, label, icon }) => ({ value, label, icon }))}
            />
          </fieldset>
          {/* The list of pictures brings it along: a stream fills, and has room again. */}
          <div class="dropzone" id="dropzone">
            {isFull ? (
              <>
                <Icon name="pictures" />
                <p>
                  <b>This stream is full</b>
                </p>
                <p>It has {mostPictures} pictures. When some are in the trash, there is room again.</p>
              </>
            ) : (
              <>
                <Icon name="upload" />
                <p>
                  <b>Drop pictures here</b>
                </p>
                <p id="upload-hint">
                  or choose files, or paste. JPEG, PNG, GIF, WebP or BMP, at most {maxSizeMb} MB each, {mostPictures} to
                  a stream.
                </p>
                <input
                  type="file"
                  name="file"
                  id="upload"
                  multiple
                  required
                  accept="image/jpeg,image/png,image/gif,image/webp,image/bmp"
                  aria-label="Choose pictures to upload"
                  aria-describedby="upload-hint"
                />
              </>
            )}
          </div>
          <noscript>
            <Button type="submit" label="Upload" icon="upload" />
          </noscript>
        </form>
      </section>
      <section class="card" id="uploads-box" aria-labelledby="uploads-title" hidden>
        <div class="card-head">
          <h2 id="uploads-title">Uploads</h2>
          <span class="note" id="uploads-note" role="status" />
        </div>
        <ul class="uploads" id="uploads" />
      </section>
    </>
  )
}
