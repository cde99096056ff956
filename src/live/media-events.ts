import type { Bus } from '../bus.ts'
import type { Log } from '../lib/log.ts'
import type { InputActual, OutputActual } from '../media/actual.ts'
import type { MediaEvent } from '../media/protocol.ts'
import type { Actual } from './actual.ts'
import type { Choices } from './choices.ts'
import type { NewEvent } from './events.ts'
import type { Figures } from './figures.ts'
import { tellExit, tellInput, tellOutput, tellRestart, tellSwitch } from './narrate.ts'

/** What the media workers report, turned into state, figures, history and events of the bus. */
export function createMediaEvents(o: {
  actual: Actual
  figures: Figures
  choices: Pick<Choices, 'switched'>
  bus: Bus
  record(event: NewEvent): void
  log: Log
}): (event: MediaEvent) => void {
  const { actual, figures, bus, record, log } = o

  function inputState(next: InputActual): void {
    const before = actual.input(next.id)
    actual.setInput(next)
    if (!actual.isWanted('input', next.id) || Bun.deepEquals(before, next)) return
    const line = tellInput(before, next)
    if (line) record({ inputId: next.id, actor: 'weir', ...line })
    bus.publish({ type: 'input.changed', inputId: next.id })
  }

  function outputState(next: OutputActual): void {
    const before = actual.output(next.id)
    actual.setOutput(next)
    if (before.processId !== next.processId || before.startedAt !== next.startedAt) figures.childChanged(next.id)
    const { inputId } = next
    if (!actual.isWanted('output', next.id) || Bun.deepEquals(before, next)) return
    const line = tellOutput(before, next)
    if (line) record({ inputId, outputId: next.id, actor: 'weir', ...line })
    // Its log stands on the page of the output; that it needs a person stands in Weir's own log too.
    if (line?.type === 'output.error')
      log.warn('an output gave up', { input: inputId, output: next.id, reason: line.message })
    bus.publish({ type: 'output.changed', inputId, outputId: next.id })
    // An input carries the number of its running outputs.
    if ((before.status === 'running') !== (next.status === 'running')) bus.publish({ type: 'input.changed', inputId })
  }

  function workerChanged(inputIds: readonly number[]): void {
    for (const inputId of inputIds) {
      if (!actual.isWanted('input', inputId)) continue
      bus.publish({ type: 'input.changed', inputId })
      for (const outputId of actual.outputsOf(inputId)) bus.publish({ type: 'output.changed', inputId, outputId })
    }
    bus.publish({ type: 'system.status' })
  }

  return (event) => {
    switch (event.name) {
      case 'input.state':
        inputState(event.data)
        break
      case 'output.state':
        outputState(event.data)
        break
      case 'input.removed':
        actual.removed('input', event.data.id)
        break
      case 'output.removed':
        actual.removed('output', event.data.id)
        break
      case 'input.still': {
        const { id, at } = event.data
        if (actual.isWanted('input', id) && figures.takeStill(id, at))
          bus.publish({ type: 'input.still', inputId: id, at })
        break
      }
      case 'input.switched': {
        const { id, ...change } = event.data
        if (!actual.isWanted('input', id)) break
        o.choices.switched(event.data)
        const line = tellSwitch(change)
        if (line) record({ inputId: id, actor: 'weir', ...line })
        bus.publish({ type: 'input.switched', inputId: id, ...change })
        break
      }
      case 'input.restarted': {
        const { id, ...change } = event.data
        record({ inputId: id, actor: 'weir', ...tellRestart(change) })
        bus.publish({ type: 'input.restarted', inputId: id, ...change })
        break
      }
      case 'input.replaced': {
        const { id, address } = event.data
        const message = `Another publisher took its place: ${address}.`
        record({ inputId: id, actor: 'weir', type: 'input.replaced', message })
        break
      }
      case 'output.exited': {
        const { id, inputId, exit } = event.data
        const line = tellExit(exit)
        if (line) record({ inputId, outputId: id, actor: 'weir', ...line })
        bus.publish({ type: 'output.exited', inputId, outputId: id, exit })
        break
      }
      case 'log': {
        const inputId = event.data.kind === 'output' ? actual.inputOf(event.data.id) : null
        if (inputId !== null)
          bus.publish({ type: 'output.log', inputId, outputId: event.data.id, line: event.data.line })
        break
      }
      case 'figures': {
        const known = {
          at: event.data.at,
          inputs: event.data.inputs.filter((each) => actual.isWanted('input', each.id)),
          outputs: event.data.outputs.filter((each) => actual.isWanted('output', each.id)),
        }
        figures.take(known)
        for (const { id } of known.inputs) bus.publish({ type: 'stats', inputId: id })
        break
      }
      case 'worker.down': {
        const { inputIds, failed } = event.data
        actual.workerDown(inputIds, event.at, failed)
        for (const inputId of inputIds) {
          figures.dropStill(inputId)
          const type = failed ? 'worker.failed' : 'worker.restarted'
          const message = failed
            ? 'The media worker of this input died five times in two minutes and is not started again by itself.'
            : 'The media worker of this input stopped unexpectedly and is being started again.'
          record({ inputId, actor: 'weir', type, message })
        }
        workerChanged(inputIds)
        break
      }
      case 'worker.up':
        actual.workerUp(event.data.inputIds, event.at)
        workerChanged(event.data.inputIds)
        break
    }
  }
}
