/**
 * Preloaded into a server whose memory is measured (`BUN_OPTIONS=--preload`): SIGUSR2 makes it collect its garbage now, so
 * that what is counted is held by somebody.
 */
process.on('SIGUSR2', () => Bun.gc(true))
