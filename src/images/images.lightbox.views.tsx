/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import { Button, LinkButton } from '../ui/button.tsx'
import { type LightboxProps, PictureInfo } from './images.info.views.tsx'
import { galleryPath, type GalleryQuery, nameOf, type Picture, picturePath } from './picture.ts'

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
  const { stream, picture, pictures, query, inDialog } = props
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
      <PictureInfo {...props} />
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
          id={`strip-${each.id}`}
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

function toSrcset({ variants: { small, large }, width, height }: Picture): string | undefined {
  if (!small || !large) return undefined
  const at = (most: number) => Math.max(1, Math.round(width * Math.min(1, most / Math.max(width, height, 1))))
  return `${small} ${at(400)}w, ${large} ${at(1280)}w`
}
