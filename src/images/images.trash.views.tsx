/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import { Button } from '../ui/button.tsx'
import { Empty } from '../ui/messages.tsx'
import { PageHead } from '../ui/page-head.tsx'
import { RelativeTime } from '../ui/time.tsx'
import { PictureBlank, PictureThumb, SelectBox } from './images.card.views.tsx'
import { picturesWord } from './images.words.ts'
import { galleryPath, nameOf, type Picture } from './picture.ts'

/** What one stream has in the trash. */
export type TrashOfStream = { key: string; title: string; pictures: readonly Picture[] }

export type TrashProps = {
  streams: readonly TrashOfStream[]
  /** Whole streams that are in it; null where there is none. */
  gone: Child
  trashDays: number
}

/** What was taken away, and until when it can come back. */
export function Trash({ streams, gone, trashDays }: TrashProps) {
  const filled = streams.filter(({ pictures }) => pictures.length > 0)
  const count = filled.reduce((sum, { pictures }) => sum + pictures.length, 0)
  return (
    <section
      id="pictures"
      hx-get="/trash"
      hx-trigger="pictures-changed"
      hx-select="#pictures"
      hx-target="#pictures"
      hx-swap="outerMorph"
    >
      <PageHead
        title="Trash"
        lede={
          <p class="lede">
            {count === 0 ? null : `${picturesWord(count)}. `}Whatever comes in here is gone for ever {trashDays} days
            later.
          </p>
        }
        actions={
          count === 0 ? null : (
            <span class="needs-script">
              <Button label="Empty the trash" icon="trash" kind="danger" data-open="empty-trash" />
            </span>
          )
        }
      />
      {gone}
      {count === 0 && !gone ? (
        <Empty icon="trash" title="The trash is empty" level={2}>
          What is taken out of a gallery waits here before it goes, and so do whole streams.
        </Empty>
      ) : null}
      {filled.map((stream) => (
        <section class="trash-stream" aria-labelledby={`trash-${stream.key}`}>
          <h2 id={`trash-${stream.key}`}>
            <a href={galleryPath(stream.key)}>{stream.title}</a>
          </h2>
          <ul class="gallery">
            {stream.pictures.map((picture, index) => (
              <TrashCard picture={picture} index={index} />
            ))}
          </ul>
        </section>
      ))}
      {count === 0 ? null : (
        <>
          <form class="bulkbar needs-script" id="bulkbar" aria-label="What to do with the selected pictures" hidden>
            <span class="figure" id="bulk-count" role="status" />
            <Button label="Put back" icon="restart" small data-bulk="restore" />
            <Button label="Select all" kind="quiet" small data-select="all" />
            <Button label="Select none" kind="quiet" icon="close" iconOnly small data-select="none" />
          </form>
          <AskEmpty count={count} />
        </>
      )}
    </section>
  )
}

function TrashCard({ picture, index }: { picture: Picture; index: number }) {
  const name = nameOf(picture)
  return (
    <li class="card picture" id={`image-${picture.id}`} data-image={picture.id}>
      <div class="picture-frame">
        <PictureBlank thumbhash={picture.placeholder} />
        <PictureThumb picture={picture} isLazy={index > 5} />
      </div>
      <SelectBox id={picture.id} name={name} />
      <div class="picture-body">
        <h3 class="picture-title" title={name}>
          {name}
        </h3>
        <p class="picture-meta">
          {picture.deleted_at ? <RelativeTime at={picture.deleted_at} ago /> : null}
          <span class="push needs-script">
            <Button
              label="Put back"
              icon="restart"
              kind="quiet"
              small
              aria-label={`Put back ${name}`}
              data-restore={picture.id}
            />
          </span>
        </p>
      </div>
    </li>
  )
}

/** The safe button holds the focus. */
function AskEmpty({ count }: { count: number }) {
  return (
    <dialog class="dialog" id="empty-trash" aria-labelledby="empty-trash-title" aria-describedby="empty-trash-text">
      <div class="dialog-head">
        <h2 id="empty-trash-title">Delete {picturesWord(count)} for ever?</h2>
      </div>
      <div class="dialog-body" id="empty-trash-text">
        <p>Their files are deleted with them. Nobody can bring them back.</p>
      </div>
      <div class="dialog-foot">
        <Button label="Keep them" kind="quiet" data-do="close" autofocus />
        <Button label="Delete for ever" kind="danger-primary" data-purge-all="" />
      </div>
    </dialog>
  )
}
