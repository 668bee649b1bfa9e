/** Which names of tables a person's code uses: FROM and JOIN in SQL, any word in Python; strings and comments are left out. */
export type Language = "sql" | "python";

export interface Use {
  name: string;
  /** Where it ends in the text; a name still being typed is not taken for another one. */
  end: number;
}

const BLANK = (text: string) => text.replace(/[^\n]/g, " ");
const SQL_QUIET = /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*(?:'|$)/g;
const PYTHON_QUIET = /#[^\n]*|("""|''')[\s\S]*?(?:\1|$)|"(?:[^"\\\n]|\\.)*(?:"|$)|'(?:[^'\\\n]|\\.)*(?:'|$)/gm;
const SQL_NAME = String.raw`(?:"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*)`;
const SQL_FROM = new RegExp(String.raw`\b(?:from|join)\s+(${SQL_NAME}(?:\s+(?:as\s+)?(?!where|join|on|using|group|order|limit|left|right|inner|full|cross|natural|semi|anti)${SQL_NAME})?(?:\s*,\s*${SQL_NAME}(?:\s+(?:as\s+)?(?!where)${SQL_NAME})?)*)`, "giu");
const WORD = /(?<![\p{L}\p{N}_.])[\p{L}_][\p{L}\p{N}_]*/gu;

export function namesUsed(code: string, language: Language): Use[] {
  return language === "sql" ? sqlNames(code.replace(SQL_QUIET, BLANK)) : pythonNames(code.replace(PYTHON_QUIET, BLANK));
}

function sqlNames(code: string): Use[] {
  const found: Use[] = [];
  for (const match of code.matchAll(SQL_FROM)) {
    let at = match.index + match[0].length - (match[1]?.length ?? 0);
    for (const part of (match[1] ?? "").split(",")) {
      const lead = part.length - part.trimStart().length;
      const raw = new RegExp(`^${SQL_NAME}`, "u").exec(part.trim())?.[0] ?? "";
      if (raw) found.push({ name: unquoted(raw), end: at + lead + raw.length });
      at += part.length + 1;
    }
  }
  return found;
}

function pythonNames(code: string): Use[] {
  return [...code.matchAll(WORD)].map((match) => ({ name: match[0], end: match.index + match[0].length }));
}

function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}

/** The tables a text needs, out of those there are; `caret` leaves out a name that may still grow into a longer one. */
export function tablesUsed(code: string, language: Language, tables: readonly string[], caret = -1): string[] {
  const known = new Map(tables.map((name) => [language === "sql" ? name.toLowerCase() : name, name]));
  const used = new Set<string>();
  for (const { name, end } of namesUsed(code, language)) {
    const key = language === "sql" ? name.toLowerCase() : name;
    const growing = end === caret && tables.some((other) => other.toLowerCase().startsWith(key.toLowerCase()) && other.length > name.length);
    const table = known.get(key);
    if (table && !growing) used.add(table);
  }
  return [...used];
}
