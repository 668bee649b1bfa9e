/** Brings the focus to a field of the inspector, by param name or by the words of what is missing. */
import { session } from "../app/session";

const fold = (text: string) => text.toLowerCase().replace(/[^a-z0-9]+/g, " ").trim();

/** The field that a reason speaks of: its name or label occurs in the words; the longest match wins. */
export function fieldFor(reason: string, fields: readonly { name: string; label: string }[]): string | undefined {
  const words = ` ${fold(reason)} `;
  const hits = fields.filter((f) => f.name === reason || words.includes(` ${fold(f.label)} `) || words.includes(` ${fold(f.name)} `));
  return hits.sort((a, b) => b.label.length - a.label.length)[0]?.name;
}

export function focusField(cell: string, reason: string): void {
  session.ui.select([cell]);
  session.ui.set({ inspectorOpen: true });
  // Two frames: the inspector first has to draw the form of a newly selected cell.
  requestAnimationFrame(() => requestAnimationFrame(() => {
    const rows = [...document.querySelectorAll<HTMLElement>("[data-field]")];
    const name = fieldFor(reason, rows.map((r) => ({ name: r.dataset.field ?? "", label: r.dataset.label ?? "" })));
    const row = rows.find((r) => r.dataset.field === name) ?? rows[0];
    row?.querySelector<HTMLElement>("button, input, textarea, [tabindex]")?.focus();
    row?.scrollIntoView({ block: "nearest" });
  }));
}
