/** What runs on a page: HTMX, two of its extensions, and what our pages do by themselves. */
import { startAirKeys } from './air-keys.ts'
import { freshOnReturn } from './back.ts'
import './htmx.ts'
import 'htmx.org/dist/ext/hx-sse.js'
import 'htmx.org/dist/ext/hx-upsert.js'
import { startCopy } from './copy.ts'
import { startDialogs } from './dialogs.ts'
import { startFields } from './fields.ts'
import { startHistory } from './history.ts'
import { startLightbox } from './lightbox.ts'
import { startLink } from './link.ts'
import { startLogs } from './logs.ts'
import { startPictureActs } from './picture-acts.ts'
import { startPictureSelect } from './picture-select.ts'
import { startReveals } from './reveals.ts'
import { startTheme } from './theme.ts'
import { startTimes } from './times.ts'
import { startToasts } from './toasts.ts'
import { startUploads } from './uploads.ts'

startTheme()
startTimes()
startReveals()
startDialogs()
startToasts()
startLink()
startFields()
startLogs()
startCopy()
startUploads()
startPictureActs()
startPictureSelect()
startLightbox()
startHistory()
freshOnReturn()
startAirKeys()
