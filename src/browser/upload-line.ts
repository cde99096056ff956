import { formatBytes } from '../ui/format.ts'
import { icon } from './dom.ts'

export type UploadLine = ReturnType<typeof createUploadLine>

/** One file in the list of uploads: its name, how far it is, what became of it. */
export function createUploadLine(file: File, onRemoved: () => void) {
  const element = document.createElement('li')
  const thumb = document.createElement('span')
  thumb.className = 'thumb'
  thumb.append(icon('pictures'))
  const name = text('name', file.name)
  name.title = file.name
  const side = text('upload-side', '')
  const what = text('what', '')
  element.append(thumb, name, side, what)

  const progress = document.createElement('progress')
  progress.max = file.size
  progress.setAttribute('aria-label', file.name)
  const figure = document.createElement('span')
  let cancelSide: HTMLElement[] = []

  function show(tone: 'busy' | 'ok' | 'bad' | null, words: (string | HTMLElement)[], buttons: HTMLElement[]): void {
    if (tone === null) delete element.dataset['tone']
    else element.dataset['tone'] = tone
    what.replaceChildren(...words)
    side.replaceChildren(...buttons)
  }
  const remove = () =>
    button('close', `Remove ${file.name} from the list`, () => {
      element.remove()
      onRemoved()
    })

  return {
    element,
    waits(cancel: () => void): void {
      cancelSide = [button('close', `Cancel ${file.name}`, cancel)]
      show(null, ['Waits'], cancelSide)
    },
    sends(bytes: number): void {
      progress.value = bytes
      figure.textContent = `${size(bytes)} of ${size(file.size)}`
      if (progress.isConnected) return
      show('busy', [progress, figure], cancelSide)
    },
    /** All of it is there and is being looked at. */
    works(): void {
      progress.removeAttribute('value')
      figure.textContent = 'Sent, being prepared'
    },
    done(words: string, thumbUrl: string | undefined): void {
      show('ok', [words], [remove()])
      if (thumbUrl === undefined) return
      const picture = document.createElement('img')
      picture.src = thumbUrl
      picture.width = 72
      picture.height = 72
      picture.alt = ''
      thumb.replaceWith(picture)
    },
    refused(words: string, retry: (() => void) | null): void {
      show('bad', [words], [...(retry ? [button('restart', `Try ${file.name} again`, retry)] : []), remove()])
    },
  }
}

function size(bytes: number): string {
  const { value, unit } = formatBytes(bytes)
  return `${value} ${unit}`
}

function text(className: string, words: string): HTMLElement {
  const span = document.createElement('span')
  span.className = className
  span.textContent = words
  return span
}

function button(iconName: string, label: string, act: () => void): HTMLButtonElement {
  const made = document.createElement('button')
  made.type = 'button'
  made.className = 'btn btn-quiet btn-small btn-icon'
  made.title = label
  made.setAttribute('aria-label', label)
  made.append(icon(iconName))
  made.addEventListener('click', act)
  return made
}
