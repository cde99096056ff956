/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import type { Setting } from '../config.ts'
import { PageHead } from '../ui/page-head.tsx'
import { SystemLog, type SystemLogProps } from './system.log.views.tsx'
import type { HealthView, StatusView } from './system.schema.ts'
import { SettingsTable } from './system.settings.views.tsx'
import { HealthBadge, HealthTable, SystemLede, Versions, Workers } from './system.views.tsx'

export type SystemSectionsProps = {
  health: HealthView
  status: StatusView
  settings: readonly Setting[]
  log: SystemLogProps
  /** The machine's gauges, as the dashboard has them. */
  host: Child
  /** Where pictures come from. */
  caches: Child
}

/** The inside of the system page: how Weir fares, what it runs on, what it was told, what it wrote. */
export function SystemSections({ health, status, settings, log, host, caches }: SystemSectionsProps) {
  return (
    <>
      <PageHead
        title="System"
        badge={<HealthBadge health={health} status={status} />}
        lede={<SystemLede status={status} />}
      />
      <div class="split wide-aside">
        <div class="stack">
          <section class="card table-box" aria-labelledby="health-h">
            <div class="card-head">
              <h2 id="health-h">Health</h2>
            </div>
            <HealthTable health={health} status={status} />
          </section>
          {caches}
          <SystemLog {...log} />
          <section class="card table-box" aria-labelledby="settings-h">
            <div class="card-head">
              <h2 id="settings-h">Settings</h2>
              <span class="note">environment variables, read at the start</span>
            </div>
            <SettingsTable settings={settings} />
          </section>
        </div>
        <div class="stack">
          <Card id="host" title="Host">
            {host}
          </Card>
          <Card id="workers" title="Workers">
            <Workers status={status} />
          </Card>
          <Card id="versions" title="Versions">
            <Versions status={status} />
          </Card>
        </div>
      </div>
    </>
  )
}

function Card({ id, title, children }: { id: string; title: string; children?: Child }) {
  return (
    <section class="card card-pad" aria-labelledby={`${id}-h`}>
      <div class="section-head">
        <h2 id={`${id}-h`}>{title}</h2>
      </div>
      {children}
    </section>
  )
}
