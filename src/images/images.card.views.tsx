/** @jsxImportSource hono/jsx */
import { formatCount } from '../ui/format.ts'
import { Icon } from '../ui/icon.tsx'
import { RelativeTime } from '../ui/time.tsx'
import type { LockedImage } from './images.schema.ts'
import { VISIBILITIES, wordOf } from './images.words.ts'
import {
  type GalleryQuery,
  isLocked,
  nameOf,
  type Picture,
  picturePath,
  type PictureVisibility,
  type ShownPicture,
} from './picture.ts'
import { toCells } from './thumbhash-cells.ts'

/** What a page draws at once: the rows that are seen first are not put off. */
const SEEN_AT_ONCE = 6
/** Three columns beside the upload, two, one. */
const SIZES = '(min-width: 80rem) 22rem, (min-width: 48rem) 45vw, 95vw'

export type CardProps = {
  streamKey: string
  picture: ShownPicture
  /** Its place in the list, from 0. */
  index: number
  query: GalleryQuery
  /** Owners and administrators: visibility, selection, views. */
  isOwn: boolean
  /** Where pictures of many streams stand together. */
  streamTitle?: string
}

/** A picture in the list of a stream. */
export function PictureCard({ streamKey, picture, index, query, isOwn, streamTitle }: CardProps) {
  if (isLocked(picture)) return <LockedCard picture={picture} />
  const name = nameOf(picture)
  const href = picturePath(streamKey, picture.id, query)
  return (
    <li class="card picture" id={`image-${picture.id}`} data-image={picture.id}>
      <a class="picture-frame" href={href} hx-get={href} hx-target="body" hx-swap="beforeend">
        <PictureBlank thumbhash={picture.placeholder} />
        <PictureThumb picture={picture} isLazy={index >= SEEN_AT_ONCE} />
      </a>
      {isOwn ? <SelectBox id={picture.id} name={name} /> : null}
      <div class="picture-body">
        <h3 class="picture-title" title={name}>
          {name}
        </h3>
        <p class="picture-meta">
          {isOwn && picture.visibility ? (
            <VisibilityChoice id={picture.id} name={name} visibility={picture.visibility} />
          ) : null}
          {streamTitle ? <a href={`/streams/${streamKey}`}>{streamTitle}</a> : null}
          <span>
            <RelativeTime at={picture.created_at} ago />
          </span>
          {picture.view_count === undefined ? null : (
            <span class="push">
              <Icon name="eye" />
              {formatCount(picture.view_count)}
              <span class="sr-only">{picture.view_count === 1 ? ' view' : ' views'}</span>
            </span>
          )}
        </p>
      </div>
    </li>
  )
}

/** There is a picture, and that is all that is said. */
function LockedCard({ picture }: { picture: LockedImage }) {
  return (
    <li class="card picture is-teaser" id={`image-${picture.id}`}>
      <div class="picture-frame">
        <img src={picture.teaser_url} width="300" height="200" alt="" loading="lazy" />
        <span class="picture-lock">
          <Icon name="subscribers" />
          For subscribers
        </span>
      </div>
    </li>
  )
}

/** The file that is cut for a card, and the next larger one for sharper screens. */
export function PictureThumb({ picture, isLazy }: { picture: Picture; isLazy: boolean }) {
  const { small, large } = picture.variants
  const at = (most: number) => Math.max(1, Math.round(picture.width * Math.min(1, most / longest(picture))))
  return (
    <img
      src={small}
      srcset={small && large ? `${small} ${at(400)}w, ${large} ${at(1280)}w` : undefined}
      sizes={small && large ? SIZES : undefined}
      width={picture.width}
      height={picture.height}
      alt={picture.alt || picture.title}
      loading={isLazy ? 'lazy' : undefined}
      decoding="async"
    />
  )
}

const longest = ({ width, height }: Picture) => Math.max(width, height, 1)

/** A blur until the picture is there, drawn without any address. */
export function PictureBlank({ thumbhash }: { thumbhash: string }) {
  const cells = toCells(thumbhash)
  if (!cells) return null
  const { columns, rows, colours } = cells
  return (
    <svg class="picture-blank" viewBox={`0 0 ${columns} ${rows}`} preserveAspectRatio="none" aria-hidden="true">
      {colours.map((fill, i) => (
        <rect width="1.02" height="1.02" x={i % columns} y={Math.floor(i / columns)} fill={fill} />
      ))}
    </svg>
  )
}

/** To do something with several at once. */
export function SelectBox({ id, name }: { id: string; name: string }) {
  return (
    <input
      class="tick needs-script"
      type="checkbox"
      name="ids"
      value={id}
      aria-label={`Select ${name}`}
      autocomplete="off"
    />
  )
}

/** Who may see it: changed where it stands. Without JavaScript it is only said. */
function VisibilityChoice({ id, name, visibility }: { id: string; name: string; visibility: PictureVisibility }) {
  const { icon, label } = wordOf(visibility)
  return (
    <>
      <span class="chip chip-choice needs-script">
        <Icon name={icon} />
        <select
          id={`image-${id}-visibility`}
          data-picture-visibility={id}
          aria-label={`Who may see ${name}`}
          autocomplete="off"
        >
          {VISIBILITIES.map((each) => (
            <option value={each.value} selected={each.value === visibility}>
              {each.label}
            </option>
          ))}
        </select>
        <Icon name="down" />
      </span>
      <noscript>
        <span class="chip">
          <Icon name={icon} />
          {label}
        </span>
      </noscript>
    </>
  )
}
