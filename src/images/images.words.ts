import type { IconName } from '../ui/icon.tsx'
import type { ImageSort } from './images.schema.ts'
import type { PictureVisibility } from './picture.ts'

type Word = { value: PictureVisibility; label: string; icon: IconName; hint: string }

/** From the most seen to the least. */
export const VISIBILITIES: readonly Word[] = [
  { value: 'public', label: 'Public', icon: 'public', hint: 'Anyone who may see the stream.' },
  {
    value: 'subscribers',
    label: 'Subscribers',
    icon: 'subscribers',
    hint: 'Subscribers and those who own the stream.',
  },
  { value: 'private', label: 'Private', icon: 'private', hint: 'Those who own the stream, and administrators.' },
]

export function wordOf(visibility: PictureVisibility): Word {
  return VISIBILITIES.find(({ value }) => value === visibility) as Word
}

export const SORTS: readonly { value: ImageSort; label: string; isForOwners?: true }[] = [
  { value: 'newest', label: 'Newest first' },
  { value: 'views', label: 'Most viewed', isForOwners: true },
  { value: 'oldest', label: 'Oldest first' },
  { value: 'title', label: 'Title' },
]

const SOURCES: Record<string, string> = {
  upload: 'Upload',
  snapshot: 'Live picture',
  mirror: 'Another server',
  artwork: 'Artwork',
}

export function sourceWord(source: string): string {
  return SOURCES[source] ?? source
}

const TYPES: Record<string, string> = { jpeg: 'JPEG', png: 'PNG', gif: 'GIF', webp: 'WebP', bmp: 'BMP' }

/** `image/jpeg` as people call it. */
export function typeWord(mimeType: string): string {
  return TYPES[mimeType.replace('image/', '')] ?? mimeType
}

export function picturesWord(count: number): string {
  return count === 1 ? '1 picture' : `${count.toLocaleString('en')} pictures`
}
