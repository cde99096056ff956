/** @jsxImportSource hono/jsx */
import type { z } from 'zod'
import { LinkButton } from '../ui/button.tsx'
import { formatBytes, formatCount } from '../ui/format.ts'
import type { imagesStats } from './images.schema.ts'
import { nameOf, picturePath } from './picture.ts'

export type GalleryStatsProps = { stats: z.infer<typeof imagesStats>; streamKey: string; mostPictures: number }

/** How full a gallery is and what is looked at, for its owners. */
export function GalleryStats({ stats, streamKey, mostPictures }: GalleryStatsProps) {
  const { total, views_total, total_size_bytes, most_viewed: most } = stats
  const stored = formatBytes(total_size_bytes)
  return (
    <section class="card card-pad stack" aria-labelledby="gallery-stats-title" id="gallery-stats">
      <h2 id="gallery-stats-title">Statistics</h2>
      <dl class="stats">
        <div>
          <dt>pictures of {mostPictures}</dt>
          <dd>
            <span class="figure">{formatCount(total)}</span>
          </dd>
        </div>
        <div>
          <dt>views</dt>
          <dd>
            <span class="figure">{formatCount(views_total)}</span>
          </dd>
        </div>
        <div>
          <dt>stored</dt>
          <dd>
            <span class="figure">
              {stored.value}
              <span class="unit"> {stored.unit}</span>
            </span>
          </dd>
        </div>
      </dl>
      {most ? (
        <p class="note">
          Most viewed: <a href={picturePath(streamKey, most.id)}>{nameOf(most)}</a>, {formatCount(most.view_count ?? 0)}
        </p>
      ) : null}
      <p>
        <LinkButton label="Trash of all streams" icon="trash" kind="quiet" small href="/trash" />
      </p>
    </section>
  )
}
