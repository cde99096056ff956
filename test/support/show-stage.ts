import { expect } from 'bun:test'
import { join } from 'node:path'
import type { InputSource, InputSpec, OutputTarget } from '../../src/media/specs.ts'
import { openMediaStage, toInputSpec, toOutputSpec } from './media-stage.ts'
import { udpTo } from './output-specs.ts'
import { HAVE, sharedRtmp } from './peers.ts'
import { freeUdpPort } from './ports.ts'
import { startSrtListener } from './srt.ts'
import { openTcpTap } from './tcp-tap.ts'
import { tempDir } from './temp.ts'
import { openUdpReceiver } from './udp-receiver.ts'

export const udpAt = (port: number): InputSource => ({
  kind: 'udp',
  port,
  bindAddress: '127.0.0.1',
  allowFrom: [],
  multicastGroup: null,
  interfaceAddress: null,
})

let shows = 0

/**
 * An input with a receiver of each kind that this machine has, recording, and what became of them at the end; `more` has
 * receivers of its own.
 */
export async function openShow(id: number, over: Partial<InputSpec>, more: OutputTarget[] = []) {
  const stage = openMediaStage()
  const port = await freeUdpPort()
  const udp = await openUdpReceiver()
  const srt = HAVE.srt ? await startSrtListener() : null
  const rtmp = HAVE.rtmp ? await sharedRtmp() : null
  const stalls = watchStalls()
  const tap = rtmp ? await openTcpTap(rtmp.port) : null
  const name = `show-${id}-${process.pid}-${++shows}`
  const outputs = [
    toOutputSpec(id, udpTo(udp.port)),
    ...(srt
      ? [
          toOutputSpec(id, {
            protocol: 'srt_caller',
            host: '127.0.0.1',
            port: srt.port,
            latencyMs: 200,
            pktSize: 1316,
            passphrase: null,
            streamId: null,
          }),
        ]
      : []),
    ...(tap
      ? [
          toOutputSpec(id, {
            protocol: 'rtmp',
            tls: false,
            tlsVerify: true,
            host: '127.0.0.1',
            port: tap.port,
            app: 'live',
            streamKey: name,
            username: null,
            password: null,
          }),
        ]
      : []),
    ...more.map((target) => toOutputSpec(id, target)),
  ]
  const spec = toInputSpec(udpAt(port), outputs, { id, onLoss: 'freeze', ...over })
  const allRun = async () => {
    for (const output of outputs) await stage.outputIs(output.id, 'running', ({ status }) => status === 'running')
    return outputs.map((output) => stage.output(output.id).processId)
  }

  return {
    stage,
    port,
    udp,
    spec,
    allRun,
    /** Longest silence at the receivers since the last call, in milliseconds. */
    longestGapsMs: () => ({ udp: udp.longestGapMs(), ...(tap && { rtmp: tap.longestGapMs() }) }),
    /** For how long this thread, in which all of it happens, had no turn at most since the last call. */
    stalledMs: stalls.longestMs,
    /** Ends the outputs, checks that none was ever another process, and answers the paths of what was recorded. */
    async finish(pids: (number | null)[]) {
      for (const [i, output] of outputs.entries()) {
        const { status, processId, reconnectCount } = stage.output(output.id)
        expect({ status, processId, reconnectCount }).toEqual({
          status: 'running',
          processId: pids[i] ?? null,
          reconnectCount: 0,
        })
      }
      expect(udp.errorCount()).toBe(0)
      const removed = Promise.all(
        outputs.map((output) => stage.told('output.removed', ({ id: gone }) => gone === output.id)),
      )
      stage.want({ ...spec, outputs: [] })
      await removed
      const files = [udp.save(join(tempDir('switch'), 'udp.ts'))]
      if (srt) files.push(srt.path)
      if (rtmp) {
        const done = await rtmp.called('the recording is closed', (c) => c.call === 'record_done' && c.name === name)
        files.push(done.fields.get('path') as string)
        expect(rtmp.calls.filter((c) => c.call === 'publish' && c.name === name)).toHaveLength(1)
      }
      return files
    },
    async [Symbol.asyncDispose]() {
      stalls.stop()
      await stage[Symbol.asyncDispose]()
      await udp[Symbol.asyncDispose]()
      await tap?.[Symbol.asyncDispose]()
      await srt?.[Symbol.asyncDispose]()
    },
  }
}

/** A machine with too much to do leaves a thread without its turn; what is heard in it comes late by so much. */
function watchStalls() {
  const STEP_MS = 20
  let lastMs = performance.now()
  let longestMs = 0
  const timer = setInterval(() => {
    const now = performance.now()
    longestMs = Math.max(longestMs, now - lastMs - STEP_MS)
    lastMs = now
  }, STEP_MS)
  return {
    stop: () => clearInterval(timer),
    longestMs() {
      const longest = longestMs
      longestMs = 0
      return longest
    },
  }
}

export type Show = Awaited<ReturnType<typeof openShow>>
