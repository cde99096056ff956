import type { ImageResource, ImageSort, ImagesPage, LockedImage } from './images.schema.ts'
import type { PictureVisibility } from './images.rights.ts'

export type Picture = ImageResource
export type ShownPicture = ImagesPage['items'][number]
export type { PictureVisibility }

export function isLocked(picture: ShownPicture): picture is LockedImage {
  return 'locked' in picture
}

/** Those that are more than a hint. */
export function openOnes(pictures: readonly ShownPicture[]): Picture[] {
  return pictures.filter((picture): picture is Picture => !isLocked(picture))
}

/** What the list is narrowed to and how it is ordered, as its address says. */
export type GalleryQuery = {
  visibility?: PictureVisibility | undefined
  q?: string | undefined
  tag?: string | undefined
  sort?: ImageSort | undefined
}

export type PictureCounts = { total: number; public: number; subscribers: number; private: number }

/** What pages need to know of the stream that the pictures belong to. */
export type GalleryStream = {
  key: string
  title: string
  default_visibility: PictureVisibility
  allow_download: boolean
  cover_image_id: string | null
}

/** `?visibility=public&sort=views`, or nothing. */
export function toSearch(query: GalleryQuery): string {
  const given = Object.entries(query).filter(
    (pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== '',
  )
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`
}

export const galleryPath = (key: string) => `/streams/${key}/gallery`

/** The page of one picture, among those that its list shows. */
export function picturePath(key: string, id: string, query: GalleryQuery = {}): string {
  return `${galleryPath(key)}/${id}${toSearch(query)}`
}

/** What it is called: its title, else its file's name as far as one is told it. */
export function nameOf(picture: Picture): string {
  return picture.title || picture.filename || 'Picture without a title'
}
