/** @jsxImportSource hono/jsx */
import { Button, LinkButton } from '../ui/button.tsx'
import { Segmented } from '../ui/choices.tsx'
import { Copy } from '../ui/copy.tsx'
import { Field } from '../ui/field.tsx'
import { formatBytes, formatCount } from '../ui/format.ts'
import { Icon } from '../ui/icon.tsx'
import { type Fact, Facts } from '../ui/lists.tsx'
import { RelativeTime } from '../ui/time.tsx'
import { sourceWord, typeWord, VISIBILITIES } from './images.words.ts'
import { galleryPath, type GalleryQuery, type GalleryStream, type Picture } from './picture.ts'

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

/** Beside a picture: what is said about it, its figures, its links; its owners change it here. */
export function PictureInfo(props: LightboxProps) {
  const { stream, picture, isOwn } = props
  return (
    <aside class="lightbox-info" aria-label="About this picture">
      {isOwn ? <EditForm picture={picture} /> : <About {...props} />}
      <Facts facts={factsOf(picture)} />
      <Links {...props} />
      {isOwn ? (
        <div class="row needs-script">
          {stream.cover_image_id === picture.id ? (
            <span class="chip">
              <Icon name="pictures" />
              Cover of the stream
            </span>
          ) : (
            <Button
              label="Make it the cover"
              icon="pictures"
              small
              data-cover={stream.key}
              data-seen-by={picture.visibility}
            />
          )}
          <Button label="To the trash" icon="trash" kind="danger" small data-trash={picture.id} />
        </div>
      ) : null}
    </aside>
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
          <Copy text="" label="Copy the link for a time" />
          <p class="note" role="status" />
        </div>
      ) : null}
      <div class="row">
        {isOwn ? (
          <span class="needs-script">
            <Button label="Link for a time" icon="link" small data-signed-link={picture.id} />
          </span>
        ) : null}
        {full ? <LinkButton label="Download" icon="download" small href={full} download /> : null}
        {original ? <LinkButton label="Original" icon="download" kind="quiet" small href={original} download /> : null}
      </div>
    </div>
  )
}
