/** When to try again: exponential, with jitter, between half a second and thirty. */
export const FIRST_DELAY = 500;
export const LAST_DELAY = 30_000;

export function retryDelay(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(LAST_DELAY, FIRST_DELAY * 2 ** attempt);
  return Math.max(FIRST_DELAY, Math.round(ceiling * (0.5 + random() * 0.5)));
}
