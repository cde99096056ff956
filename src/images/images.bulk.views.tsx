/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import { Button, buttonClass } from '../ui/button.tsx'
import { Icon, type IconName } from '../ui/icon.tsx'
import { VISIBILITIES } from './images.words.ts'

export type BulkBarProps = {
  /** Other streams whose pictures one owns. */
  moveTo: readonly { key: string; title: string }[]
}

/** What is done with the selected pictures; unseen while none is. */
export function BulkBar({ moveTo }: BulkBarProps) {
  return (
    <form class="bulkbar needs-script" id="bulkbar" aria-label="What to do with the selected pictures" hidden>
      <span class="figure" id="bulk-count" role="status" />
      <BulkMenu label="Visibility" icon="eye" id="bulk-visibility">
        {VISIBILITIES.map(({ value, label, icon }) => (
          <button type="button" data-bulk="visibility" data-value={value}>
            <Icon name={icon} />
            {label}
          </button>
        ))}
      </BulkMenu>
      <BulkMenu label="Tag" icon="tag" id="bulk-tag">
        <label class="menu-field" for="bulk-tag-name">
          Tag
          <input class="input" id="bulk-tag-name" maxlength={50} autocomplete="off" />
        </label>
        <button type="button" data-bulk="tag" data-value="add">
          <Icon name="plus" />
          Add to all
        </button>
        <button type="button" data-bulk="tag" data-value="remove">
          <Icon name="close" />
          Take from all
        </button>
      </BulkMenu>
      {moveTo.length > 0 ? (
        <BulkMenu label="Move" icon="folder" id="bulk-move">
          {moveTo.map(({ key, title }) => (
            <button type="button" data-bulk="move" data-value={key}>
              <Icon name="streams" />
              {title}
            </button>
          ))}
        </BulkMenu>
      ) : null}
      <button class={buttonClass({ kind: 'danger', small: true })} type="button" data-bulk="delete">
        <Icon name="trash" />
        <span class="icon-on-phone">To the trash</span>
      </button>
      <Button label="Select all" kind="quiet" small data-select="all" />
      <Button label="Select none" kind="quiet" icon="close" iconOnly small data-select="none" />
    </form>
  )
}

function BulkMenu({ label, icon, id, children }: { label: string; icon: IconName; id: string; children: Child }) {
  return (
    <details class="menu for-owners" id={id}>
      <summary class={buttonClass({ small: true })} title={label}>
        <Icon name={icon} />
        <span class="icon-on-phone">{label}</span>
        <Icon name="down" />
      </summary>
      <div class="menu-list">{children}</div>
    </details>
  )
}
