import type { FormFields, FormTable } from '../http/form.ts'

/** What the fields of a stream's form stand for; they are named as the API names them. No key: one is made of the title. */
export const STREAM_FORM: FormTable = (sent) => ({ ...STREAM_FIELDS, key: sent['key'] === '' ? 'off' : 'name' })

const STREAM_FIELDS: FormFields = {
  title: 'name',
  description: 'text',
  input_id: 'number',
  snapshot_interval_seconds: 'number',
  snapshot_keep: 'number',
  visibility: 'name',
  default_visibility: 'name',
  teasers: 'flag',
  allow_download: 'flag',
}

/** The same of a member's. */
export const MEMBER_FORM: FormFields = {
  role: 'name',
  user_id: 'number',
  name: 'text',
  until: 'text',
}

/** The words on the fields, for the summary of a refused form. */
export const STREAM_LABELS: Record<string, string> = {
  title: 'Title',
  key: 'Key',
  description: 'Description',
  input_id: 'Input',
  snapshot_interval_seconds: 'Take a picture every',
  snapshot_keep: 'Keep the last',
  visibility: 'Who may see the stream',
  default_visibility: 'Who may see new pictures',
  teasers: 'Blurred teasers',
  allow_download: 'Downloads',
}

export const MEMBER_LABELS: Record<string, string> = {
  role: 'May',
  user_id: 'Who',
  name: 'Whose link it is',
  until: 'Until',
}
