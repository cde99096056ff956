/** Rejects with `what` after `deadlineMs`; deadlines are ten times what is normal, so that a busy machine is no failure. */
export function within<T>(deadlineMs: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout>
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${deadlineMs} ms: ${what}`)), deadlineMs)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

/** For what has no event to await (the process table, a file that grows): asks every 20 ms until the answer is truthy. */
export async function eventually<T>(
  deadlineMs: number,
  what: string,
  ask: () => T | Promise<T>,
): Promise<Exclude<T, false | null | undefined | 0 | ''>> {
  const end = performance.now() + deadlineMs
  for (;;) {
    const answer = await ask()
    if (answer) return answer as Exclude<T, false | null | undefined | 0 | ''>
    if (performance.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`)
    await Bun.sleep(20)
  }
}
