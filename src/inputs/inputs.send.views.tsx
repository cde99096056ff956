/** @jsxImportSource hono/jsx */
import { Copy, CopyField } from '../ui/copy.tsx'
import type { InputResource } from './inputs.schema.ts'

/** Where to send the feed, ready to copy: `#input-3-send`. A test pattern needs no sender. */
export function InputSend({ input }: { input: InputResource }) {
  const id = `input-${input.id}-send`
  const isTest = input.publish_url === null
  return (
    <section class="card" id={id} aria-labelledby={`${id}-title`}>
      <div class="card-head">
        <h2 id={`${id}-title`}>{isTest ? 'Made here' : 'Where to send the feed'}</h2>
        <span class="chip">{isTest ? 'Test pattern' : 'MPEG-TS over UDP'}</span>
      </div>
      <div class="send">
        {input.publish_url === null ? <TestWords /> : <Sending input={input} url={input.publish_url} />}
      </div>
    </section>
  )
}

function TestWords() {
  return (
    <p>
      Weir draws a picture with a clock and a tone, 720p25. Nothing has to be sent. Add an output and see whether it
      arrives.
    </p>
  )
}

function Sending({ input, url }: { input: InputResource; url: string }) {
  return (
    <>
      <CopyField label="Address" text={url} />
      <div>
        <p class="copy-label">OBS: Settings, Output, Recording, Custom Output (FFmpeg)</p>
        <dl class="pairs">
          <div>
            <dt>File path</dt>
            <dd>
              <Copy text={`${url}?pkt_size=1316`} label="Copy: File path" />
            </dd>
          </div>
          <div>
            <dt>Container</dt>
            <dd>
              <Copy text="mpegts" label="Copy: Container" />
            </dd>
          </div>
        </dl>
      </div>
      {input.publish_example !== null && (
        <CopyField label="FFmpeg, a test picture to begin with" text={input.publish_example} />
      )}
    </>
  )
}
