/** The sign of a column type: two or three mono characters, with the type word for screen readers. */
import s from "./glyph.module.css";

const GLYPHS: Record<string, string> = { integer: "123", number: "1.2", boolean: "0/1", text: "abc", date: "day", datetime: "d:t", time: "0:0", other: "···" };

/** The word for a column type, sentence case and as said to people. */
export function typeWord(type: string): string {
  return type === "datetime" ? "date and time" : type === "boolean" ? "yes or no" : type;
}

export function TypeGlyph({ type }: { type: string }) {
  return <span className={s.glyph} title={typeWord(type)} aria-hidden>{GLYPHS[type] ?? GLYPHS.other}</span>;
}
