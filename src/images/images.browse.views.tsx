/** @jsxImportSource hono/jsx */
import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icon.tsx'
import { Empty } from '../ui/messages.tsx'
import { PictureCard } from './images.card.views.tsx'
import { picturesWord } from './images.words.ts'
import type { Picture } from './picture.ts'

export type BrowseProps = {
  pictures: readonly Picture[]
  total: number
  words: string
  /** Of a stream, by its key. */
  titleOf(key: string): string
  /** There are more than are shown. */
  nextCursor: string | null
}

/** Pictures of many streams, found by words or the newest of all. */
export function Browse({ pictures, total, words, titleOf, nextCursor }: BrowseProps) {
  const more = nextCursor === null ? '' : new URLSearchParams({ ...(words && { q: words }), cursor: nextCursor })
  const query = words ? `?${new URLSearchParams({ q: words })}` : ''
  return (
    <section
      id="pictures"
      class="pictures"
      aria-labelledby="pictures-title"
      hx-get={`/browse${query}`}
      hx-trigger="pictures-changed"
      hx-select="#pictures"
      hx-target="#pictures"
      hx-swap="outerMorph"
    >
      <form
        class="filters"
        id="picture-filters"
        aria-label="Search"
        method="get"
        action="/browse"
        hx-get="/browse"
        hx-trigger="submit, input delay:200ms"
        hx-select="#pictures"
        hx-target="#pictures"
        hx-swap="outerMorph"
        hx-replace-url="true"
        hx-sync="#pictures:replace"
      >
        <h2 class="filters-title" id="pictures-title" aria-live="polite">
          {picturesWord(total)}
        </h2>
        <div class="input-icon">
          <Icon name="search" />
          <input
            class="input"
            id="picture-search"
            type="search"
            name="q"
            value={words}
            placeholder="Search"
            aria-label="Search in titles, descriptions, tags and names of streams"
            maxlength={200}
            autocomplete="off"
          />
        </div>
        <noscript>
          <Button type="submit" label="Show" />
        </noscript>
      </form>
      {pictures.length > 0 ? (
        <ul class="gallery" id="gallery">
          {pictures.map((picture, index) => (
            <PictureCard
              {...{ picture, index }}
              query={{}}
              isOwn={false}
              streamKey={picture.stream_key}
              streamTitle={titleOf(picture.stream_key)}
            />
          ))}
        </ul>
      ) : words ? (
        <Empty icon="search" title="No picture fits">
          Nothing has all of “{words}” in its title, description, tags or the name of its stream.
        </Empty>
      ) : (
        <Empty icon="pictures" title="No pictures yet">
          Those of every stream that you may see stand here.
        </Empty>
      )}
      {more ? (
        <p class="gallery-more">
          <a class="btn" href={`/browse?${more}`}>
            Further pictures
          </a>
        </p>
      ) : null}
    </section>
  )
}
