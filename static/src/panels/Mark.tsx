/** The mark: circle, diamond and square on a line. */
export function Mark({ width = 36 }: { width?: number }) {
  return (
    <svg width={width} height={(width * 14) / 36} viewBox="0 0 36 14" role="img" aria-label="Inkling">
      <path d="M4 7h28" stroke="var(--ink)" strokeWidth="1.75" />
      <circle cx="5.5" cy="7" r="4.5" fill="var(--accent)" />
      <path d="M18 1.2 23.8 7 18 12.8 12.2 7Z" fill="var(--surface)" stroke="var(--ink)" strokeWidth="1.75" />
      <rect x="27" y="3" width="8" height="8" fill="var(--ink)" />
    </svg>
  );
}
