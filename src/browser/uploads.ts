import { on } from './dom.ts'
import { refreshPictures, say, toWords } from './picture-api.ts'
import { createUploadQueue } from './upload-queue.ts'
import { createUploadLine, type UploadLine } from './upload-line.ts'

/** More at once is a slip; a stream holds fewer. */
const MOST_FILES = 200
/** The list behind several uploads that end together asks once. */
const REFRESH_MS = 400

type Answer = { id: string; title: string; variants: Record<string, string>; duplicate?: true }

/** Pictures that are dropped, chosen or pasted anywhere on the page, each sent by itself with its own progress. */
export function startUploads(): void {
  const form = () => document.querySelector<HTMLFormElement>('#upload-form')
  const queue = createUploadQueue({ onIdle: tally })
  let refreshTimer = 0

  function refreshSoon(): void {
    clearTimeout(refreshTimer)
    refreshTimer = setTimeout(refreshPictures, REFRESH_MS)
  }

  function tally(): void {
    const lines = [...document.querySelectorAll<HTMLElement>('#uploads > li')]
    const count = (tone: string) => lines.filter(({ dataset }) => dataset['tone'] === tone).length
    const words = [`${count('ok')} done`, count('bad') > 0 ? `${count('bad')} refused` : '']
    const title = document.getElementById('uploads-title')
    const note = document.getElementById('uploads-note')
    const box = document.getElementById('uploads-box')
    if (title) title.textContent = lines.length === 1 ? '1 file' : `${lines.length} files`
    if (note) note.textContent = words.filter((word) => word !== '').join(', ')
    if (box) box.hidden = lines.length === 0
  }

  function take(files: readonly File[]): void {
    const target = form()
    if (!target || files.length === 0) return
    if (files.length > MOST_FILES)
      say(`At most ${MOST_FILES} files at once. The first ${MOST_FILES} were taken.`, 'warn')
    for (const file of files.slice(0, MOST_FILES)) enqueue(target, file)
    tally()
  }

  function enqueue(target: HTMLFormElement, file: File): void {
    const visibility = String(new FormData(target).get('visibility') ?? '')
    const url = `${target.action}?${new URLSearchParams({ filename: file.name, visibility })}`
    const maxBytes = Number(target.dataset['maxBytes'])
    const line = createUploadLine(file, tally)
    const list = document.getElementById('uploads')
    list?.append(line.element)
    // The oldest that are done make room.
    for (const old of [...(list?.querySelectorAll('li[data-tone="ok"]') ?? [])].slice(0, -MOST_FILES)) old.remove()
    if (file.size > maxBytes) {
      // As the zone above says it.
      line.refused(`Not taken: at most ${maxBytes / 1024 / 1024} MB each.`, null)
      return
    }
    let request: XMLHttpRequest | null = null
    const task = {
      async run() {
        request = new XMLHttpRequest()
        line.sends(0)
        const answer = await send(request, url, file, line)
        settle(answer, line, retry)
        refreshSoon()
        tally()
      },
    }
    const retry = () => {
      line.waits(cancel)
      queue.add(task)
      tally()
    }
    const cancel = () => {
      if (!queue.drop(task)) request?.abort()
      line.element.remove()
      tally()
    }
    line.waits(cancel)
    queue.add(task)
  }

  on('change', '#upload', (field) => {
    if (!(field instanceof HTMLInputElement)) return
    take([...(field.files ?? [])])
    // The same file can be chosen again.
    field.value = ''
  })
  startDrops(form, take)
  document.addEventListener('paste', (event) => {
    const files = [...(event.clipboardData?.files ?? [])]
    if (files.length === 0 || !form()) return
    event.preventDefault()
    take(files)
  })
  addEventListener('beforeunload', (event) => {
    if (queue.size() > 0) event.preventDefault()
  })
}

/** The whole page takes them, so that nobody has to aim; a file dropped beside a form would replace the page. */
function startDrops(form: () => HTMLElement | null, take: (files: File[]) => void): void {
  const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false
  const show = (isOver: boolean) => form()?.querySelector('.dropzone')?.classList.toggle('is-over', isOver)
  document.addEventListener('dragover', (event) => {
    if (!form() || !hasFiles(event)) return
    event.preventDefault()
    show(true)
  })
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) show(false)
  })
  document.addEventListener('drop', (event) => {
    if (!form() || !hasFiles(event)) return
    event.preventDefault()
    show(false)
    take([...(event.dataTransfer?.files ?? [])])
  })
}

type Outcome = { status: number; text: string }

/** Status 0: it never arrived, or was taken back. */
function send(request: XMLHttpRequest, url: string, file: File, line: UploadLine): Promise<Outcome> {
  return new Promise((resolve) => {
    request.upload.addEventListener('progress', ({ loaded }) => line.sends(loaded))
    request.upload.addEventListener('load', () => line.works())
    request.addEventListener('loadend', () => resolve({ status: request.status, text: request.responseText }))
    request.open('POST', url)
    request.setRequestHeader('accept', 'application/json')
    request.setRequestHeader('content-type', file.type || 'application/octet-stream')
    request.send(file)
  })
}

function settle({ status, text }: Outcome, line: UploadLine, retry: () => void): void {
  if (status === 200 || status === 201) {
    const image = JSON.parse(text) as Answer
    line.done(
      image.duplicate ? 'Already here, nothing stored twice' : 'Done, ready in the gallery',
      image.variants['thumb'],
    )
    return
  }
  const why = status === 0 ? 'The connection was lost.' : toWords(text, status)
  // What was said about the file itself stays true however often it is sent.
  const mayHelp = status === 0 || status === 429 || status >= 500
  line.refused(`Not taken: ${why}`, mayHelp ? retry : null)
}
