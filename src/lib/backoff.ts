export type BackoffRules = { delayMs: number; maxDelayMs: number }

/**
 * How long to wait before a retry, in milliseconds. The first (`attempt` 1) comes after exactly `delayMs`; each further
 * one doubles, up to the cap, less a random 0-25 % so that many outputs of one dead server do not return in step.
 * `random` is in [0, 1).
 */
export function backoffDelayMs(attempt: number, rules: BackoffRules, random: () => number = Math.random): number {
  if (attempt <= 1) return rules.delayMs
  const capMs = Math.max(rules.delayMs, rules.maxDelayMs)
  return Math.min(capMs, rules.delayMs * 2 ** (attempt - 1)) * (1 - 0.25 * random())
}
