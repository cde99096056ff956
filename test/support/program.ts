import { join } from 'node:path'

/** The built program, if the run has one: `test.sh` builds it first, for it starts in a third of the time. */
export const BUILT: string | null = process.env['WEIR_PROGRAM'] || null

/** What starts Weir: the one file that people install, or its sources. */
export const PROGRAM: string[] = BUILT ? [BUILT] : [process.execPath, join(import.meta.dir, '../../src/main.ts')]
