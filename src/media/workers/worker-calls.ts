import { AppError, fromWireError, type WireError } from '../../errors.ts'
import type { Clock } from '../../lib/clock.ts'
import { OPERATIONS, type Operation, type OperationInput, type OperationOutput } from '../protocol.ts'

export type Request = { id: number; op: Operation; input: unknown }

type Pending = { resolve(output: unknown): void; reject(error: Error): void; cancel(): void }

const DEADLINE_MS = 5_000

/** The questions to one worker that wait for an answer, each with a deadline. */
export function createWorkerCalls(clock: Clock) {
  const pending = new Map<number, Pending>()
  let last = 0

  function settle(id: number, how: (call: Pending) => void): void {
    const call = pending.get(id)
    // One that is past its deadline has been told so.
    if (!call) return
    pending.delete(id)
    call.cancel()
    how(call)
  }

  return {
    /** @throws AppError unavailable past the deadline or at the worker's death, else what the worker answered */
    ask<O extends Operation>(
      post: (request: Request) => void,
      op: O,
      input: OperationInput<O>,
      deadlineMs = DEADLINE_MS,
    ): Promise<OperationOutput<O>> {
      return new Promise((resolve, reject) => {
        const id = ++last
        const cancel = clock.after(deadlineMs, () => settle(id, (call) => call.reject(workerBusy())))
        pending.set(id, {
          resolve: (output) => resolve(OPERATIONS[op].output.parse(output) as OperationOutput<O>),
          reject,
          cancel,
        })
        post({ id, op, input })
      })
    },
    answered: (id: number, output: unknown): void => settle(id, (call) => call.resolve(output)),
    failed: (id: number, error: WireError): void => settle(id, (call) => call.reject(fromWireError(error))),
    failAll(): void {
      for (const id of [...pending.keys()]) settle(id, (call) => call.reject(workerUnavailable()))
    },
  }
}

function workerBusy(): AppError {
  return new AppError({
    kind: 'unavailable',
    code: 'media.unavailable',
    message: 'Weir is busy just now. Try again in a moment.',
    retryAfterSeconds: 1,
  })
}

export function workerUnavailable(): AppError {
  return new AppError({
    kind: 'unavailable',
    code: 'media.unavailable',
    message: 'The media worker of this input is not running at the moment.',
    retryAfterSeconds: 1,
  })
}
