/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import { Button, LinkButton } from '../ui/button.tsx'
import { Segmented } from '../ui/choices.tsx'
import { Copy } from '../ui/copy.tsx'
import { Field } from '../ui/field.tsx'
import { formatBytes, formatCount } from '../ui/format.ts'
import { Icon } from '../ui/icon.tsx'
import { type Fact, Facts } from '../ui/lists.tsx'
import { RelativeTime } from '../ui/time.tsx'
import { sourceWord, typeWord, VISIBILITIES } from './images.words.ts'
import { galleryPath, type GalleryQuery, type GalleryStream, nameOf, type Picture, picturePath } from './picture.ts'

export type LightboxProps = {
  stream: GalleryStream
  picture: Picture
  /** The list that it is turned over in, without what is locked. */
  pictures: readonly Picture[]
  query: GalleryQuery
  isOwn: boolean
  /** In front of links that are copied. */
  baseUrl: string
}

/** Pictures to either side that the strip shows. */
const STRIP_EACH_SIDE = 12

/** One picture, large, above the page that it was opened from. */
export function LightboxDialog(props: LightboxProps) {
  return (
    <dialog class="lightbox" id="lightbox" data-start-open="" aria-labelledby="picture-title">
      <LightboxParts {...props} inDialog />
    </dialog>
  )
}

/** The same on a page of its own, for links and without JavaScript. */
export function LightboxPage(props: LightboxProps) {
  return (
    <section class="lightbox is-page" aria-labelledby="picture-title">
      <LightboxParts {...props} inDialog={false} />
    </section>
  )
}

function LightboxParts(props: LightboxProps & { inDialog: boolean }) {
  const { stream, picture, pictures, query, isOwn, inDialog } = props
  const at = pictures.findIndex(({ id }) => id === picture.id)
  const turn = (to: Picture | undefined, label: string, icon: 'left' | 'right', key: string) => (
    <Turn {...{ to, label, icon, inDialog, query }} streamKey={stream.key} keyName={key} />
  )
  const name = nameOf(picture)
  return (
    <div class="lightbox-parts" id="lightbox-parts" data-picture={picture.id}>
      <div class="lightbox-bar">
        {inDialog ? (
          <Button label="Close (Esc)" icon="close" kind="quiet" iconOnly data-do="close" />
        ) : (
          <LinkButton label="Back to the gallery" icon="close" kind="quiet" iconOnly href={galleryPath(stream.key)} />
        )}
        <div>
          <Title inDialog={inDialog}>{name}</Title>
          <p class="note" role="status">
            {at < 0 ? stream.title : `${at + 1} of ${pictures.length} in ${stream.title}`}
          </p>
        </div>
        <span class="push" />
        {inDialog ? (
          <span class="note wide-only">
            <kbd>←</kbd> <kbd>→</kbd> turn · <kbd>+</kbd> larger · <kbd>Esc</kbd> close
          </span>
        ) : null}
      </div>
      <div class="lightbox-stage">
        {turn(pictures[at - 1], 'Previous picture', 'left', 'ArrowLeft')}
        <figure class="lightbox-figure">
          <img
            id={`lightbox-${picture.id}`}
            src={picture.variants['large']}
            srcset={toSrcset(picture)}
            sizes="(min-width: 60rem) calc(100vw - 28rem), 100vw"
            width={picture.width}
            height={picture.height}
            alt={picture.alt || picture.title}
            draggable={false}
          />
        </figure>
        {turn(at < 0 ? undefined : pictures[at + 1], 'Next picture', 'right', 'ArrowRight')}
      </div>
      <Strip {...props} at={at} />
      <aside class="lightbox-info" aria-label="About this picture">
        {isOwn ? <EditForm picture={picture} /> : <About {...props} />}
        <Facts facts={factsOf(picture)} />
        <Links {...props} />
        {isOwn ? (
          <div class="row needs-script">
            <Button label="Make it the cover" icon="pictures" small data-cover={stream.key} />
            <Button label="To the trash" icon="trash" kind="danger" small data-trash={picture.id} />
          </div>
        ) : null}
      </aside>
    </div>
  )
}

function Title({ inDialog, children }: { inDialog: boolean; children: Child }) {
  return inDialog ? (
    <h2 id="picture-title" tabindex={-1} autofocus>
      {children}
    </h2>
  ) : (
    <h1 id="picture-title">{children}</h1>
  )
}

/** In the dialog the next picture takes its place; on a page it is the next page. */
function turnTo(streamKey: string, id: string, query: GalleryQuery, inDialog: boolean) {
  const href = picturePath(streamKey, id, query)
  return inDialog
    ? { href, 'hx-get': href, 'hx-target': '#lightbox-parts', 'hx-select': '#lightbox-parts', 'hx-swap': 'outerMorph' }
    : { href }
}

type TurnProps = {
  to: Picture | undefined
  label: string
  icon: 'left' | 'right'
  keyName: string
  streamKey: string
  query: GalleryQuery
  inDialog: boolean
}

function Turn({ to, label, icon, keyName, streamKey, query, inDialog }: TurnProps) {
  const id = `lightbox-${icon}`
  if (!to) return <span class="btn btn-quiet btn-icon" id={id} aria-hidden="true" />
  return (
    <LinkButton
      {...{ label, icon, id }}
      kind="quiet"
      iconOnly
      data-key={keyName}
      {...turnTo(streamKey, to.id, query, inDialog)}
    />
  )
}

function Strip({ stream, pictures, query, inDialog, at }: LightboxProps & { inDialog: boolean; at: number }) {
  const from = Math.max(0, at - STRIP_EACH_SIDE)
  const shown = pictures.slice(from, from + 2 * STRIP_EACH_SIDE + 1)
  const keyOf = (index: number) => (index === 0 ? 'Home' : index === pictures.length - 1 ? 'End' : undefined)
  const ends = [pictures[0], pictures.at(-1)].filter((end) => end !== undefined && !shown.includes(end)) as Picture[]
  return (
    <nav class="filmstrip" aria-label="Pictures of this stream">
      {shown.map((each, index) => (
        <a
          aria-current={from + index === at ? 'true' : undefined}
          data-key={keyOf(from + index)}
          {...turnTo(stream.key, each.id, query, inDialog)}
        >
          <img src={each.variants['thumb']} width="72" height="48" alt={nameOf(each)} loading="lazy" />
        </a>
      ))}
      {ends.map((each) => (
        <a hidden data-key={keyOf(pictures.indexOf(each))} {...turnTo(stream.key, each.id, query, inDialog)}>
          {nameOf(each)}
        </a>
      ))}
    </nav>
  )
}

/** What people say about it. It is sent by the page's script, with what changed alone. */
function EditForm({ picture }: { picture: Picture }) {
  const { id, title, alt, description, tags, visibility } = picture
  // Of each picture its own, or what was typed for one would stay for the next.
  const prefix = `picture-${id}`
  return (
    <form class="form needs-script" id={`picture-form-${id}`} data-edit={id} novalidate>
      <Field name="title" label="Title" value={title} idPrefix={prefix} optional />
      <Field
        name="alt"
        label="Alt text"
        value={alt}
        idPrefix={prefix}
        hint="What the picture shows, for those who do not see it."
        optional
      />
      <Field
        type="textarea"
        name="description"
        label="Description"
        value={description}
        rows={3}
        idPrefix={prefix}
        optional
      />
      <Field
        name="tags"
        label="Tags"
        value={tags.join(', ')}
        hint="With commas between them."
        idPrefix={prefix}
        optional
      />
      <fieldset class="field">
        <legend>Who may see it</legend>
        <Segmented
          name="visibility"
          legend="Who may see it"
          value={visibility ?? 'private'}
          choices={VISIBILITIES.map(({ value, label, icon }) => ({ value, label, icon }))}
        />
      </fieldset>
      <p class="field-error" data-form-error role="alert" hidden />
      <div class="row">
        <Button label="Save" type="submit" />
        <span class="note" data-form-note role="status" />
      </div>
    </form>
  )
}

/** What those who may not change it read. */
function About({ stream, picture }: LightboxProps) {
  const { description, tags } = picture
  if (!description && tags.length === 0) return null
  return (
    <div class="stack-2">
      {description ? <p class="picture-text">{description}</p> : null}
      {tags.length > 0 ? (
        <p class="row">
          {tags.map((tag) => (
            <a class="chip chip-line" href={`${galleryPath(stream.key)}?tag=${encodeURIComponent(tag)}`}>
              <Icon name="tag" />
              {tag}
            </a>
          ))}
        </p>
      ) : null}
    </div>
  )
}

function factsOf(picture: Picture): Fact[] {
  const { taken_at, created_at, width, height, size_bytes, mime_type, view_count, last_accessed_at, source } = picture
  const facts: Fact[] = []
  if (taken_at) facts.push(['Taken', <RelativeTime at={taken_at} ago />])
  facts.push(['Uploaded', <RelativeTime at={created_at} ago />])
  const size = size_bytes === undefined ? null : formatBytes(size_bytes)
  const file = size && mime_type ? `, ${size.value} ${size.unit} ${typeWord(mime_type)}` : ''
  facts.push(['Size', `${width} × ${height}${file}`])
  if (view_count !== undefined)
    facts.push([
      'Views',
      <>
        {formatCount(view_count)}
        {last_accessed_at ? (
          <>
            , last one <RelativeTime at={last_accessed_at} ago />
          </>
        ) : null}
      </>,
    ])
  if (source) facts.push(['From', picture.filename ? `${sourceWord(source)}, ${picture.filename}` : sourceWord(source)])
  return facts
}

function Links({ picture, isOwn, baseUrl }: LightboxProps) {
  const { large, full, original } = picture.variants
  const isShared = isOwn && picture.visibility === 'public' && large !== undefined
  if (!isOwn && !full) return null
  return (
    <div class="stack-2">
      {isShared ? <Copy text={baseUrl + large} label="Copy the link to the picture" /> : null}
      {isOwn ? (
        <div class="signed-link" data-signed-link-place hidden>
          <Copy text="" label="Copy the link that ends" />
          <p class="note" role="status" />
        </div>
      ) : null}
      <div class="row">
        {isOwn ? (
          <span class="needs-script">
            <Button label="Link that ends" icon="link" small data-signed-link={picture.id} />
          </span>
        ) : null}
        {full ? <LinkButton label="Download" icon="download" small href={full} download /> : null}
        {original ? <LinkButton label="Original" icon="download" kind="quiet" small href={original} download /> : null}
      </div>
    </div>
  )
}

function toSrcset({ variants: { small, large }, width, height }: Picture): string | undefined {
  if (!small || !large) return undefined
  const at = (most: number) => Math.max(1, Math.round(width * Math.min(1, most / Math.max(width, height, 1))))
  return `${small} ${at(400)}w, ${large} ${at(1280)}w`
}
