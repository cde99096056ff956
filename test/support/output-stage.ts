import type { Targets } from '../../src/lib/targets.ts'
import type { OutputActual, OutputFigures } from '../../src/media/actual.ts'
import type { InputSource, OutputSpec } from '../../src/media/specs.ts'
import { startFeed } from './feed.ts'
import type { FixtureName } from './fixtures.ts'
import { type MediaStage, openMediaStage, toInputSpec } from './media-stage.ts'
import { freeUdpPort } from './ports.ts'
import type { Program } from './processes.ts'
import { eventually } from './waiting.ts'

export type OutputStage = AsyncDisposable & {
  stage: MediaStage
  /** Where the input listens. */
  port: number
  feed: Program
  add(output: OutputSpec): OutputSpec
  /** Another spec for the same id. */
  edit(output: OutputSpec): void
  /** Resolves when it is gone. */
  remove(output: OutputSpec): Promise<void>
  is(output: OutputSpec, what: string, matches: (actual: OutputActual) => boolean): Promise<OutputActual>
  running(output: OutputSpec): Promise<OutputActual>
  /** Resolves when it has ended for the first time. */
  failed(output: OutputSpec): Promise<OutputActual>
  figures(output: OutputSpec): OutputFigures | undefined
  /** Resolves when it has sent so many bytes. */
  sent(output: OutputSpec, bytes: number): Promise<void>
  log(output: OutputSpec): string[]
}

/** One UDP input (id 1) with a feed on it, and outputs that come and go: the media worker without its thread. */
export async function openOutputStage(
  o: { caFile?: string; runDir?: string; targets?: Targets; fixture?: FixtureName } = {},
): Promise<OutputStage> {
  const { fixture, ...worker } = o
  const stage = openMediaStage(worker)
  const port = await freeUdpPort()
  let outputs: OutputSpec[] = []
  const source: InputSource = {
    kind: 'udp',
    ...{ port, bindAddress: '127.0.0.1', allowFrom: [] },
    ...{ multicastGroup: null, interfaceAddress: null },
  }
  const want = () => stage.want(toInputSpec(source, outputs, { id: 1 }))
  want()
  const feed = await startFeed(port, fixture ? { name: fixture } : {})
  await stage.inputIs(1, 'active', ({ status }) => status === 'active')
  const is: OutputStage['is'] = ({ id }, what, matches) => stage.outputIs(id, what, matches, 40_000)
  const figures = ({ id }: OutputSpec) => stage.figures()?.outputs.find((each) => each.id === id)
  return {
    stage,
    port,
    feed,
    add(output) {
      outputs = [...outputs, output]
      want()
      return output
    },
    edit(output) {
      outputs = outputs.map((each) => (each.id === output.id ? output : each))
      want()
    },
    async remove(output) {
      const gone = stage.told('output.removed', ({ id }) => id === output.id)
      outputs = outputs.filter(({ id }) => id !== output.id)
      want()
      await gone
    },
    is,
    running: (output) => is(output, 'running', ({ status }) => status === 'running'),
    failed: (output) => is(output, 'ended', ({ lastExit }) => lastExit !== null),
    figures,
    async sent(output, bytes) {
      await eventually(40_000, `${bytes} bytes sent`, () => (figures(output)?.bytesTotal ?? 0) >= bytes)
    },
    log: ({ id }) => stage.supervisor.logs('output', id).lines.map(({ text }) => text),
    async [Symbol.asyncDispose]() {
      await feed.stop()
      await stage[Symbol.asyncDispose]()
    },
  }
}
