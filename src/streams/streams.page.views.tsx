/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import { Act } from '../ui/act.tsx'
import { Breadcrumbs } from '../ui/breadcrumbs.tsx'
import { Button, LinkButton } from '../ui/button.tsx'
import { Confirm } from '../ui/dialog.tsx'
import { opensSheet } from '../ui/opens-sheet.ts'
import { PageHead } from '../ui/page-head.tsx'
import { type MembersProps, MembersPanel } from './members.views.tsx'
import type { ShownStream } from './streams.resource.ts'
import { StreamState, StreamStill, StreamTimes, VisibilityChip } from './streams.views.tsx'
import { RELATION_WORDS } from './streams.words.ts'

export type StreamPageProps = {
  stream: ShownStream
  mayEdit: boolean
  mayCapture: boolean
  /** Signed in: what strangers see is less. */
  isInside: boolean
  /** Null where it is not theirs to know. */
  members: Omit<MembersProps, 'streamKey'> | null
  gallery: Child
}

/**
 * The inside of a stream's page, for its owner as for a stranger: each sees what is theirs to see. Its page is told when
 * `#stream-head` or `#stream-words` read otherwise and asks for them; `#stream-still` and `#stream-state` are sent to it.
 */
export function StreamPage({ stream, mayEdit, mayCapture, isInside, members, gallery }: StreamPageProps) {
  const { key, title, description, role } = stream
  return (
    <>
      <div id="stream-head">
        <PageHead
          title={title}
          crumbs={<Breadcrumbs items={[{ href: isInside ? '/streams' : '/', label: 'Streams' }]} here={key} />}
          badge={<StreamState stream={stream} id="stream-state" />}
          lede={
            <p class="lede row">
              <span>
                <StreamTimes stream={stream} />
              </span>
              {isInside ? <VisibilityChip stream={stream} /> : null}
              {role ? <span class="chip">{RELATION_WORDS[role]}</span> : null}
            </p>
          }
          actions={mayEdit ? <Acts stream={stream} mayCapture={mayCapture} /> : null}
        />
      </div>
      <div class={members ? 'split wide-aside' : 'stack'}>
        <div class="stack">
          <StreamStill stream={stream} />
          <p class="stream-words" id="stream-words" hidden={!description}>
            {description}
          </p>
          {gallery}
          <div id="stream-news" hidden />
        </div>
        {members ? (
          <aside class="stack" aria-label="Who is let in">
            <MembersPanel streamKey={key} {...members} />
          </aside>
        ) : null}
      </div>
    </>
  )
}

function Acts({ stream, mayCapture }: Pick<StreamPageProps, 'stream' | 'mayCapture'>) {
  const { key, title, status } = stream
  return (
    <>
      {mayCapture && status === 'live' ? (
        <Act label="Capture picture" icon="camera" action={`/api/streams/${key}/capture`} />
      ) : null}
      {status === 'live' ? (
        <Act label="End" icon="stop" action={`/api/streams/${key}/end`} />
      ) : (
        <Act label={status === 'ended' ? 'Start again' : 'Start'} icon="play" action={`/api/streams/${key}/start`} />
      )}
      <LinkButton label="Edit stream" icon="edit" iconOnly {...opensSheet(`/streams/${key}/edit`)} />
      <span class="needs-script">
        <Button label="Move to the trash" icon="trash" iconOnly data-open="delete-stream" />
      </span>
      <Confirm
        id="delete-stream"
        title={`Move ${title} to the trash?`}
        act="Move to the trash"
        form={{ action: '/streams', 'hx-delete': `/api/streams/${key}` }}
      >
        <p>Its page and its pictures are gone for everybody until it is taken out again. Its input goes on.</p>
      </Confirm>
    </>
  )
}
