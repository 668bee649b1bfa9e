/** Copying cells as text, and what a paste means: cells, a file, a table, or a link to nothing. */
import { session } from "../app/session";
import { parseFragment } from "../document/fragment";
import type { Point } from "../document/schema";
import { snap } from "./geometry";
import { uploadAt } from "./uploads";
import { viewport } from "./viewport";

function selectionText(): string | undefined {
  const { selection } = session.ui.get();
  return selection.size ? JSON.stringify(session.edits.copy(selection)) : undefined;
}

export async function copySelection(): Promise<void> {
  const text = selectionText();
  if (text) await navigator.clipboard?.writeText(text).catch(() => session.ui.toast("Copying is blocked here; use the keyboard"));
}

/** Rows of a pasted table: at least two lines that have the same number of tabs or commas. */
export function tableFrom(text: string): { name: string; text: string } | undefined {
  const lines = text.trim().split(/\r?\n/).slice(0, 20);
  if (lines.length < 2) return undefined;
  for (const [mark, ending] of [["\t", "tsv"], [",", "csv"], [";", "csv"]] as const) {
    const width = lines[0]?.split(mark).length ?? 1;
    const alike = lines.filter((line) => line.split(mark).length === width).length;
    if (width > 1 && alike >= lines.length * 0.8) return { name: `Pasted table.${ending}`, text };
  }
  return undefined;
}

function isTyping(event: Event): boolean {
  const [target] = event.composedPath();
  return target instanceof HTMLElement && (target.isContentEditable || /^(?:INPUT|TEXTAREA)$/.test(target.tagName));
}

function pasteAt(): Point {
  const [x, y] = viewport()?.pointer() ?? viewport()?.centre() ?? [0, 0];
  return [snap(x), snap(y)];
}

function onPaste(event: ClipboardEvent): void {
  if (isTyping(event) || !session.can("editor") || !event.clipboardData) return;
  const file = event.clipboardData.files[0];
  const text = event.clipboardData.getData("text/plain");
  const fragment = parseFragment(text);
  const table = file || fragment ? undefined : tableFrom(text);
  if (!file && !fragment && !table) return;
  event.preventDefault();
  if (file) void uploadAt(file, file.name, pasteAt());
  else if (table) void uploadAt(new Blob([table.text]), table.name, pasteAt());
  else if (fragment) {
    session.undo.stopCapturing();
    session.ui.select(session.edits.paste(fragment, pasteAt()));
    session.undo.stopCapturing();
  }
}

function onCopy(event: ClipboardEvent): void {
  const text = selectionText();
  if (isTyping(event) || !text || String(window.getSelection() ?? "")) return;
  event.clipboardData?.setData("text/plain", text);
  event.preventDefault();
  if (event.type === "cut" && session.can("editor")) {
    session.edits.deleteCells(session.ui.get().selection);
    session.ui.select([]);
  }
}

export function listenForClipboard(): () => void {
  document.addEventListener("copy", onCopy);
  document.addEventListener("cut", onCopy);
  document.addEventListener("paste", onPaste);
  return () => {
    document.removeEventListener("copy", onCopy);
    document.removeEventListener("cut", onCopy);
    document.removeEventListener("paste", onPaste);
  };
}
