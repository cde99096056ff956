/** A sum over the last `windowMs`, kept in a hundred steps, so that it costs the same whatever is counted. */
export function createRecentCount(windowMs: number) {
  const stepMs = windowMs / 100
  let steps: { from: number; count: number }[] = []
  return {
    add(count: number, nowMs: number): void {
      if (count === 0) return
      const last = steps.at(-1)
      if (last && nowMs - last.from < stepMs) last.count += count
      else steps.push({ from: nowMs, count })
      if (steps.length > 200) steps = steps.filter((step) => nowMs - step.from < windowMs)
    },
    sum(nowMs: number): number {
      let sum = 0
      for (const step of steps) if (nowMs - step.from < windowMs) sum += step.count
      return sum
    },
  }
}
