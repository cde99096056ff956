/** @jsxImportSource hono/jsx */
import { Button } from '../ui/button.tsx'
import { formatCount } from '../ui/format.ts'
import { Icon } from '../ui/icon.tsx'
import { Empty } from '../ui/messages.tsx'
import { PictureCard } from './images.card.views.tsx'
import { picturesWord, SORTS, VISIBILITIES } from './images.words.ts'
import {
  galleryPath,
  type GalleryQuery,
  type GalleryStream,
  isLocked,
  type PictureCounts,
  type ShownPicture,
  toSearch,
} from './picture.ts'
import { BulkBar } from './images.bulk.views.tsx'

export type GalleryProps = {
  stream: GalleryStream
  pictures: readonly ShownPicture[]
  /** Of what the caller may see, without the filters. */
  counts: PictureCounts
  query: GalleryQuery
  /** Owners and administrators. */
  isOwn: boolean
  /** There are more than are shown. */
  nextCursor: string | null
  /** Other streams whose pictures one owns: where these may be moved. */
  moveTo?: readonly { key: string; title: string }[]
}

/**
 * The pictures of a stream: filters, cards, and what is done with several. It asks for itself again when a picture came,
 * went or changed, so each page shows what its reader may see.
 */
export function Gallery(props: GalleryProps) {
  const { stream, pictures, query, isOwn, nextCursor } = props
  const url = galleryPath(stream.key) + toSearch(query)
  return (
    <section
      id="pictures"
      class="pictures"
      aria-labelledby="pictures-title"
      data-stream={stream.key}
      hx-get={url}
      hx-trigger="pictures-changed"
      hx-select="#pictures"
      hx-target="#pictures"
      hx-select-oob="#gallery-stats,#dropzone:outerMorph"
      hx-swap="outerMorph"
    >
      <Filters {...props} />
      {pictures.length === 0 ? (
        <NoPictures {...props} />
      ) : (
        <ul class="gallery" id="gallery">
          {pictures.map((picture, index) => (
            <PictureCard {...{ picture, index, query, isOwn }} streamKey={stream.key} />
          ))}
        </ul>
      )}
      {nextCursor ? (
        <p class="gallery-more">
          <a class="btn" href={`${url}${url.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(nextCursor)}`}>
            Further pictures
          </a>
        </p>
      ) : null}
      {isOwn && pictures.length > 0 ? <BulkBar moveTo={props.moveTo ?? []} /> : null}
    </section>
  )
}

/** A form of its own: without JavaScript it has a button, with it each choice shows at once. */
function Filters({ stream, pictures, counts, query, isOwn }: GalleryProps) {
  const path = galleryPath(stream.key)
  const choices = [{ value: '', label: 'All', icon: undefined, hint: '' }, ...VISIBILITIES]
  const lockedCount = pictures.filter(isLocked).length
  const countOf = (value: string) => (value === '' ? counts.total : counts[value as keyof PictureCounts])
  return (
    <form
      class="filters"
      id="picture-filters"
      aria-label="Pictures"
      method="get"
      action={path}
      hx-get={path}
      hx-trigger="submit, input delay:200ms"
      hx-select="#pictures"
      hx-target="#pictures"
      hx-swap="outerMorph"
      hx-replace-url="true"
      hx-sync="#pictures:replace"
    >
      <h2 class={isOwn ? 'sr-only' : 'filters-title'} id="pictures-title">
        {picturesWord(counts.total)}
        {lockedCount > 0 ? `, ${formatCount(lockedCount)} more for subscribers` : null}
      </h2>
      {isOwn ? (
        <fieldset class="segmented">
          <legend class="sr-only">Which pictures</legend>
          {choices.map(({ value, label, icon }) => (
            <label>
              <input type="radio" name="visibility" value={value} checked={(query.visibility ?? '') === value} />
              <span>
                {icon ? <Icon name={icon} /> : null}
                {label} <span class="count">{countOf(value)}</span>
              </span>
            </label>
          ))}
        </fieldset>
      ) : null}
      <div class="input-icon">
        <Icon name="search" />
        <input
          class="input"
          id="picture-search"
          type="search"
          name="q"
          value={query.q ?? ''}
          placeholder="Search"
          aria-label="Search in titles, descriptions and tags"
          maxlength={200}
          autocomplete="off"
        />
      </div>
      <select class="select select-auto" id="picture-sort" name="sort" aria-label="Order" autocomplete="off">
        {SORTS.filter(({ isForOwners }) => isOwn || !isForOwners).map(({ value, label }) => (
          <option value={value} selected={(query.sort ?? 'newest') === value}>
            {label}
          </option>
        ))}
      </select>
      {query.tag ? (
        <span class="chip chip-line">
          <Icon name="tag" />
          {query.tag}
          <input type="hidden" name="tag" value={query.tag} />
          <a href={path + toSearch({ ...query, tag: undefined })} title={`All tags, not only ${query.tag}`}>
            <Icon name="close" />
            <span class="sr-only">All tags, not only {query.tag}</span>
          </a>
        </span>
      ) : null}
      <noscript>
        <Button type="submit" label="Show" />
      </noscript>
    </form>
  )
}

function NoPictures({ stream, query, counts, isOwn }: GalleryProps) {
  if (counts.total > 0)
    return (
      <Empty
        icon="search"
        title="No picture fits"
        actions={
          <a class="btn" href={galleryPath(stream.key)}>
            Show all
          </a>
        }
      >
        {query.q ? `Nothing here has “${query.q}” in its title, description or tags.` : 'Choose another filter.'}
      </Empty>
    )
  if (isOwn)
    return (
      <Empty
        icon="pictures"
        title="No pictures yet"
        actions={
          <label class="btn btn-primary" for="upload">
            <Icon name="upload" />
            Choose pictures
          </label>
        }
      >
        Drop some anywhere on this page, paste one, or choose files.
      </Empty>
    )
  return (
    <Empty icon="pictures" title="No pictures yet">
      They appear here by themselves.
    </Empty>
  )
}
