import type { Role, Scope } from '../lib/access.ts'

export const ROLE_WORDS: Record<Role, { label: string; may: string }> = {
  viewer: { label: 'Viewer', may: 'sees inputs, outputs and their state' },
  editor: { label: 'Editor', may: 'also makes streams and looks after their pictures' },
  operator: { label: 'Operator', may: 'also runs inputs and outputs, and reads logs' },
  admin: { label: 'Administrator', may: 'everything, people and keys too' },
}

export const SCOPE_WORDS: Record<Scope, string> = {
  read: 'Read: inputs, outputs, state, figures',
  images: 'Images: streams and their pictures',
  operate: 'Operate: start, stop and change inputs and outputs',
  admin: 'Admin: everything you may do',
}
