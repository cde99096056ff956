import { and, eq, gte, lt, lte, sql } from 'drizzle-orm'
import type { Database } from '../db/client.ts'
import { imageViews } from '../db/tables/image-views.ts'
import { images } from '../db/tables/images.ts'
import { invalidField } from '../errors.ts'
import type { Clock } from '../lib/clock.ts'
import { toIso } from '../lib/fields.ts'
import type { LooksQuery, LooksView } from './images.schema.ts'

const HOUR_MS = 60 * 60 * 1000
const DAY_MS = 24 * HOUR_MS
const KEEP_MS = 400 * DAY_MS
const STEP_MS = { hour: HOUR_MS, day: DAY_MS }
/** What is told where nobody says since when, and at most. */
const USUAL_STEPS = { hour: 48, day: 30 }
const MAX_STEPS = { hour: 31 * 24, day: 400 }

export type Looks = ReturnType<typeof createLooks>

/** How often pictures are looked at and when, by the hour in UTC, for 400 days. */
export function createLooks({ db, clock }: { db: Pick<Database, 'orm' | 'batch'>; clock: Pick<Clock, 'wall'> }) {
  const { orm } = db
  const toHour = (ms: number) => ms - (ms % HOUR_MS)

  return {
    /** One look; of a picture that went meanwhile none. */
    async count(imageId: string): Promise<void> {
      const now = clock.wall()
      const seen = { viewCount: sql`view_count + 1`, lastAccessedAt: now }
      await db.batch([
        orm.update(images).set(seen).where(eq(images.id, imageId)),
        orm
          .insert(imageViews)
          .select(sql`select id, ${toHour(now)}, 1 from ${images} where id = ${imageId}`)
          .onConflictDoUpdate({ target: [imageViews.imageId, imageViews.hour], set: { views: sql`views + 1` } }),
      ])
    },
    /** The looks of a while, step by step, those without any too. @throws AppError 422 at `from` or `to` */
    async over(imageId: string, query: LooksQuery): Promise<LooksView> {
      const step = query.step ?? 'day'
      const stepMs = STEP_MS[step]
      const floor = (ms: number) => ms - (ms % stepMs)
      const last = floor(query.to === undefined ? clock.wall() : Date.parse(query.to))
      const first = query.from === undefined ? last - (USUAL_STEPS[step] - 1) * stepMs : floor(Date.parse(query.from))
      if (first > last) throw invalidField('to', 'It must not be before `from`.')
      const count = (last - first) / stepMs + 1
      if (count > MAX_STEPS[step]) throw invalidField('from', `At most ${MAX_STEPS[step]} steps, each a ${step}.`)
      const beginning = sql<number>`${imageViews.hour} - ${imageViews.hour} % ${stepMs}`
      const rows = await orm
        .select({ at: beginning, views: sql<number>`sum(${imageViews.views})` })
        .from(imageViews)
        .where(
          and(eq(imageViews.imageId, imageId), gte(imageViews.hour, first), lte(imageViews.hour, last + stepMs - 1)),
        )
        .groupBy(beginning)
      const views = new Map(rows.map((row) => [row.at, row.views]))
      const points = Array.from({ length: count }, (_, index) => first + index * stepMs)
      return {
        ...{ id: imageId, step, from: toIso(first), to: toIso(last) },
        views_total: rows.reduce((sum, row) => sum + row.views, 0),
        points: points.map((at) => ({ at: toIso(at), views: views.get(at) ?? 0 })),
      }
    },
    /** Lets go of what is too long ago. */
    async sweep(): Promise<void> {
      await orm.delete(imageViews).where(lt(imageViews.hour, clock.wall() - KEEP_MS))
    },
  }
}
