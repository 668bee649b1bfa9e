/** Matches what is typed against names: letters in order, better at the starts of words. */
export interface Match {
  score: number;
  /** Positions of the matched letters, for showing them bold. */
  at: number[];
}

export function match(query: string, text: string): Match | undefined {
  const q = query.toLowerCase().replace(/\s+/g, "");
  const t = text.toLowerCase();
  if (!q) return { score: 0, at: [] };
  const whole = t.indexOf(query.trim().toLowerCase());
  if (whole >= 0) {
    const starts = whole === 0 || /\W/.test(t[whole - 1] ?? "");
    return { score: (starts ? 200 : 120) - whole - t.length * 0.1, at: Array.from({ length: query.trim().length }, (_, i) => whole + i) };
  }
  const at: number[] = [];
  let from = 0;
  let score = 0;
  for (const letter of q) {
    const i = t.indexOf(letter, from);
    if (i < 0) return undefined;
    score += i === 0 || /\W/.test(t[i - 1] ?? "") ? 8 : i === from ? 4 : -Math.min(3, i - from);
    at.push(i);
    from = i + 1;
  }
  // Letters scattered over a long text are no match that a person would see.
  return score < q.length ? undefined : { score: score - t.length * 0.05, at };
}

/** Best first; equal scores keep their order. `more` holds words that count only when they hold the query as it is. */
export function search<T>(query: string, items: readonly T[], text: (item: T) => string, more?: (item: T) => string): { item: T; match: Match }[] {
  const plain = query.trim().toLowerCase();
  return items
    .flatMap((item) => {
      const found = match(query, text(item)) ?? (plain.length > 2 && more?.(item).toLowerCase().includes(plain) ? { score: 1, at: [] } : undefined);
      return found ? [{ item, match: found }] : [];
    })
    .map((found, i) => ({ ...found, i }))
    .sort((a, b) => b.match.score - a.match.score || a.i - b.i);
}
