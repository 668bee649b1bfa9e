/** Completion of tables and columns, beside the keywords each language brings itself. */
import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import { pythonLanguage } from "@codemirror/lang-python";
import type { Extension } from "@codemirror/state";
import { duck } from "./dialect";
import { type Language, tablesUsed } from "./names";
import { type KnownTable, tablesFor } from "./tables";

const PLAIN = /^[\p{L}_][\p{L}\p{N}_]*$/u;
const WORD = /[\p{L}_][\p{L}\p{N}_]*$/u;

export function completion(cell: string, language: Language): Extension {
  const source = (context: CompletionContext) => complete(context, tablesFor(cell), language);
  return (language === "sql" ? duck.language : pythonLanguage).data.of({ autocomplete: source });
}

export function complete(context: CompletionContext, tables: readonly KnownTable[], language: Language): CompletionResult | null {
  const line = context.state.doc.lineAt(context.pos);
  const before = line.text.slice(0, context.pos - line.from);
  const inside = language === "python" ? /([\p{L}_][\p{L}\p{N}_]*)\[\[?\s*(["'])([^"'\]]*)$/u.exec(before) : null;
  if (inside) return columnsOf(tables, inside[1] ?? "", context.pos - (inside[3]?.length ?? 0), language, false);
  const dotted = /([\p{L}_][\p{L}\p{N}_]*)\.([\p{L}_][\p{L}\p{N}_]*)?$/u.exec(before);
  if (dotted) return columnsOf(tables, dotted[1] ?? "", context.pos - (dotted[2]?.length ?? 0), language, true);
  const word = WORD.exec(before)?.[0] ?? "";
  if (!word && !context.explicit && !/\b(?:from|join)\s+$/i.test(before)) return null;
  const options = [...tables.map((table) => tableOption(table, language)), ...(language === "sql" ? columnOptions(context, tables) : [])];
  return options.length ? { from: context.pos - word.length, options, validFor: /^[\p{L}\p{N}_]*$/u } : null;
}

function tableOption(table: KnownTable, language: Language): Completion {
  const detail = table.connected ? "table" : "table, connects it";
  return { label: table.name, apply: written(table.name, language), type: "class", detail, boost: table.connected ? 3 : 1 };
}

/** Columns of the tables the query names, else of all that are connected. */
function columnOptions(context: CompletionContext, tables: readonly KnownTable[]): Completion[] {
  const used = new Set(tablesUsed(context.state.doc.toString(), "sql", tables.map((table) => table.name)));
  const asked = tables.filter((table) => (used.size ? used.has(table.name) : table.connected));
  return asked.flatMap((table) => table.columns.map((column) => ({
    label: column.name, apply: written(column.name, "sql"), type: "property", detail: `${column.type}, ${table.name}`, boost: 2,
  })));
}

function columnsOf(tables: readonly KnownTable[], name: string, from: number, language: Language, bare: boolean): CompletionResult | null {
  const table = tables.find((each) => each.name === name);
  const columns = (table?.columns ?? []).filter((column) => language === "sql" || !bare || PLAIN.test(column.name));
  if (!columns.length) return null;
  const options = columns.map((column) => ({ label: column.name, apply: bare ? written(column.name, language) : column.name, type: "property", detail: column.type }));
  return { from, options, validFor: /^[^"'\].]*$/ };
}

function written(name: string, language: Language): string {
  return language === "python" || /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
