import { join } from 'node:path'

/** Where in the directory of doors the registrations for SRT are made. */
export const toSrtSocketPath = (runDir: string): string => join(runDir, 'srt.sock')
